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

/** A word that may stand bare in a display name; any other could end the name, or start another address. */
const isWord = (word: string): boolean => ATOM.test(word) && !word.includes('=?');

const nameWords = (name: string): readonly string[] => {
  const words = name.split(' ');
  if (words.every(isWord)) return words;
  const quotable = /^[\x20-\x7e]*$/.test(name) && !name.includes('=?');
  return quotable ? [`"${name.replace(/["\\]/g, '\\$&')}"`] : headerWords(name, isWord);
};

/** A mailbox as words of a header field. */
export const mailboxWords = ({ address, name }: Mailbox): readonly string[] =>
  name === undefined || name === '' ? [address] : [...nameWords(name), `<${address}>`];

/** Takes time by the length of the text alone, whatever a stranger wrote: a quote without an end is no quote. */
const withoutQuoted = (text: string): string =>
  text.replace(/"((?:[^"\\]|\\[\s\S]?)*)("?)/g, (_all, inside: string, end: string) =>
    end === '' ? inside : '',
  );

/** The addresses of a decoded To, Cc or From value; display names and comments are passed over. */
export const addressesIn = (value: string): readonly string[] =>
  withoutQuoted(value)
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
