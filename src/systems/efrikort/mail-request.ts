import type { Mail } from '../../mail/message.ts';
import type { OutgoingMail } from '../../mail/transport.ts';
import type { JsonValue } from '../system.ts';
import type { EfrikortSettings } from './settings.ts';

/** The mail as the journal keeps it between plan and send. */
export const mailRequest = (
  mail: Mail,
  message: string,
  settings: Pick<EfrikortSettings, 'from'>,
): JsonValue => ({
  sender: settings.from.address,
  recipients: [...mail.to, ...(mail.cc ?? [])].map(({ address }) => address),
  messageId: mail.messageId,
  message,
});

const isObject = (value: JsonValue): value is { readonly [member: string]: JsonValue | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what `mailRequest` wrote; anything else is a bug. */
export const outgoingMail = (request: JsonValue): OutgoingMail => {
  if (!isObject(request)) throw new TypeError('the request is no mail');
  const { sender, recipients, messageId, message } = request;
  if (typeof sender !== 'string' || typeof messageId !== 'string' || typeof message !== 'string') {
    throw new TypeError('the request is no mail');
  }
  const list: readonly JsonValue[] = Array.isArray(recipients) ? recipients : [];
  return {
    sender,
    recipients: list.filter((one) => typeof one === 'string'),
    messageId,
    message,
  };
};
