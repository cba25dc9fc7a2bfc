import { headerWords } from './encoded-word.ts';

/** A mailbox (RFC 5322, 3.4): an address and whose it is. */
export interface Mailbox {
  readonly address: string;
  readonly name?: string;
}

const ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * True for `dot-atom@domain` in ASCII with at least two labels; at most 64 characters before the @ and 254 in
 * all (RFC 5321, 4.5.3.1). Quoted local parts, address literals and internationalised addresses are not taken.
 */
export const isAddress = (text: string): boolean => {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split('.');
  if (at < 1 || local.length > 64 || text.length > 254 || labels.length < 2) return false;
  return local.split('.').every((atom) => ATOM.test(atom)) && labels.every((label) => LABEL.test(label));
};

/** Addresses are compared without regard to letter case: no mail system of today tells them apart. */
export const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const PHRASE = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;

const nameWords = (name: string): readonly string[] => {
  if (PHRASE.test(name) && !name.includes('=?')) return name.split(' ');
  if (/^[\x20-\x7e]*$/.test(name)) return [`"${name.replace(/["\\]/g, '\\$&')}"`];
  return headerWords(name);
};

/** A mailbox as words of a header field. */
export const mailboxWords = ({ address, name }: Mailbox): readonly string[] =>
  name === undefined || name === '' ? [address] : [...nameWords(name), `<${address}>`];

/** The addresses of a decoded To, Cc or From value; display names and comments are passed over. */
export const addressesIn = (value: string): readonly string[] =>
  value
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\([^()]*\)/g, '')
    .split(/[,;]/)
    .map((one) => (/<([^<>]*)>/.exec(one)?.[1] ?? one).trim())
    .filter(isAddress);

/** `Name <address>` or a bare address; undefined when it is neither. */
export const parseMailbox = (text: string): Mailbox | undefined => {
  const [, quoted, address] = /^(.*?)\s*<([^<>]+)>$/.exec(text.trim()) ?? [];
  if (address === undefined) return isAddress(text.trim()) ? { address: text.trim() } : undefined;
  const name = (quoted ?? '').replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1');
  if (!isAddress(address)) return undefined;
  return name === '' ? { address } : { address, name };
};
