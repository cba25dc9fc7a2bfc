import type { Mail } from './message.ts';

const encoded = (text: string): string => encodeURIComponent(text.replace(/\r\n|\r|\n/g, '\r\n'));

/** An address as a `mailto` URI has it: `@` stays, what could end the address is escaped (RFC 6068, 2). */
const target = (address: string): string => encodeURIComponent(address).replace(/%40/g, '@');

/**
 * The mail as a `mailto:` URI (RFC 6068), for whoever sends it from an own mail program. That program writes
 * From, Date and Message-ID itself, so answers can be matched by a reference line in the text only.
 */
export const mailtoOf = ({
  to,
  cc = [],
  subject,
  text,
}: Pick<Mail, 'to' | 'cc' | 'subject' | 'text'>): string => {
  const query = [
    ...(cc.length === 0 ? [] : [`cc=${cc.map(({ address }) => target(address)).join(',')}`]),
    `subject=${encoded(subject)}`,
    `body=${encoded(text)}`,
  ];
  return `mailto:${to.map(({ address }) => target(address)).join(',')}?${query.join('&')}`;
};
