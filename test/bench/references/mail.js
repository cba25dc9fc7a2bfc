// A mail of plain text as nodemailer writes it.
import MailComposer from 'nodemailer/lib/mail-composer';

export const writeMail = (mail) => new MailComposer(mail).compile().build();
