/** Mail over SMTP (RFC 5321), with nodemailer's connection, which is loaded when a transport is opened. */
import { Readable } from 'node:stream';
import type SmtpConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpServer } from '../../mail/smtp-url.ts';
import type { MailFate, MailRefusal, MailTransport, OutgoingMail } from '../../mail/transport.ts';
import type { Clock } from '../../ports.ts';

export interface SmtpParts {
  readonly clock: Clock;
  /** PEM; whom to trust for the server's certificate. Node's own roots (and NODE_EXTRA_CA_CERTS) otherwise. */
  readonly ca?: string;
}

/** What nodemailer says of a failure; its texts are left alone: they may quote the conversation. */
interface SmtpError {
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
}

/** Authentication is required, too weak, wrong, or asks for encryption (RFC 4954, 6). */
const CREDENTIALS = new Set([530, 534, 535, 538]);

const isRefusal = (reply: number | undefined): reply is number =>
  reply !== undefined && reply >= 400 && reply <= 599;

const refusalOf = ({ code, command, responseCode }: SmtpError): MailRefusal => {
  if (code === 'ETLS') return 'no-connection';
  if (!isRefusal(responseCode)) {
    if (code === 'EAUTH') return 'credentials';
    // Larger than the server takes, as it said in its greeting.
    return code === 'EMESSAGE' || code === 'EENVELOPE' ? 'message' : 'no-connection';
  }
  if (CREDENTIALS.has(responseCode)) return 'credentials';
  if (responseCode < 500) return 'try-later';
  if (code === 'EAUTH') return 'credentials';
  return command === 'RCPT TO' ? 'recipient' : 'message';
};

/**
 * Listens to the conversation for a refused recipient. The library would send the mail to the others; here it goes
 * to all or to nobody, for a connection request that only half of its readers got is neither sent nor unsent.
 */
const createListener = () => {
  const asked: string[] = [];
  let refusal: number | undefined;
  return {
    refusedRecipient: () => refusal,
    logger: {
      debug({ tnx }: { readonly tnx?: string }, line = '') {
        if (tnx === 'client') asked.push(line.slice(0, 4).toUpperCase());
        if (tnx === 'server' && asked.shift() === 'RCPT' && !line.startsWith('2')) {
          refusal ??= Number(line.slice(0, 3));
        }
      },
    },
  };
};

type Listener = ReturnType<typeof createListener>;

/** The message, given out once the server has asked for it (354), and only if all recipients are taken. */
const createBody = (message: Buffer, { refusedRecipient }: Listener) => {
  let begun = false;
  const stream = new Readable({
    read() {
      if (refusedRecipient() !== undefined) {
        this.destroy(new Error('a recipient is refused'));
        return;
      }
      begun = true;
      this.push(message);
      this.push(null);
    },
  });
  return { stream, begun: () => begun };
};

interface Conversation {
  readonly connection: SmtpConnection;
  readonly listener: Listener;
  readonly login: SmtpServer['login'];
  readonly mail: OutgoingMail;
  /** Milliseconds. */
  readonly limit: number;
}

const converse = ({ connection, listener, login, mail, limit }: Conversation): Promise<MailFate> =>
  new Promise((resolve) => {
    const message = Buffer.from(mail.message);
    const body = createBody(message, listener);
    const end = (fate: MailFate): void => {
      clearTimeout(timer);
      resolve(fate);
    };
    const failed = (error: SmtpError): void => {
      const said = isRefusal(error.responseCode);
      const recipient = listener.refusedRecipient();
      // Only an answer settles what became of a message that was on its way.
      if (body.begun() && !said) end({ fate: 'unknown' });
      else if (said || recipient === undefined) end({ fate: 'refused', why: refusalOf(error) });
      else end({ fate: 'refused', why: refusalOf({ command: 'RCPT TO', responseCode: recipient }) });
      connection.close();
    };
    const timer = setTimeout(() => failed({}), limit);
    const submit = (): void => {
      const envelope = { from: mail.sender, to: [...mail.recipients], size: message.length };
      connection.send(envelope, body.stream, (error) => {
        if (error) return failed(error);
        end({ fate: 'accepted' });
        connection.quit();
      });
    };
    // For as long as the connection lives: an error after the end is nobody's any more.
    connection.on('error', failed);
    // Later than the callback that says why.
    connection.on('end', () => setImmediate(failed, {}));
    connection.connect((error) => {
      if (error) return failed(error);
      if (login === undefined) return submit();
      // Without this the mail would go out unauthenticated.
      if (!connection.allowsAuth) return failed({ code: 'EAUTH' });
      connection.login({ credentials: { user: login.user, pass: login.password } }, (refused) =>
        refused ? failed(refused) : submit(),
      );
    });
  });

/** SMTP to one server, a connection for each mail; nothing is tried twice. */
export const openSmtp = async (server: SmtpServer, { clock, ca }: SmtpParts): Promise<MailTransport> => {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const { host, port, tls, login } = server;
  return {
    async send(mail, { deadline }) {
      const limit = deadline - clock();
      if (limit <= 0) return { fate: 'refused', why: 'try-later' };
      const listener = createListener();
      const connection = new Connection({
        host,
        port,
        // The sender's domain, so that the machine's own name stays at home.
        name: mail.sender.slice(mail.sender.lastIndexOf('@') + 1),
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        connectionTimeout: limit,
        greetingTimeout: limit,
        socketTimeout: limit,
        socketCloseTimeout: 1000,
        tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
        logger: listener.logger,
        transactionLog: true,
      });
      return converse({ connection, listener, login, mail, limit });
    },
  };
};
