import { decodeWords } from './encoded-word.ts';
import { decodeQuotedPrintable } from './quoted-printable.ts';

/** A mail as it was received, as far as the facade reads it. */
export interface ReceivedMail {
  /** The decoded value of the first header field of this name, in any letter case. */
  readonly header: (name: string) => string | undefined;
  /** The first plain text in it, decoded, with LF line ends. */
  readonly text: string;
  /** The fields of a delivery status report (RFC 3464), all recipients' together; absent in any other mail. */
  readonly deliveryStatus?: readonly Header[];
  /** The parts of a multipart mail, in order; empty for a simple one. */
  readonly parts: readonly ReceivedMail[];
}

interface Header {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** Parts within parts within parts are nobody's honest mail. */
const MAX_DEPTH = 5;
const MAX_PARTS = 50;
/** Characters; an answer to a request is a page. */
const MAX_LENGTH = 1024 * 1024;

const FIELD = /^([\x21-\x39\x3b-\x7e]+):[ \t]*(.*)$/;

/** The header fields, unfolded; undefined when a line is none. */
const headersOf = (head: string): readonly Header[] | undefined => {
  const unfolded = head.replace(/\r?\n(?=[ \t])/g, '');
  const headers: Header[] = [];
  for (const line of unfolded.split(/\r?\n/)) {
    if (line === '') continue;
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers.push({ name: name.toLowerCase(), value: value.trim() });
  }
  return headers;
};

const fieldOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find((header) => header.name === name.toLowerCase())?.value;

/** A parameter of a Content-Type, quoted or not. */
const parameterOf = (value: string, name: string): string | undefined => {
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]+))`, 'i').exec(value) ?? [];
  return quoted ?? bare;
};

const base64Octets = (text: string): Uint8Array<ArrayBuffer> => {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, '')), (octet) => octet.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
};

const DECODERS: ReadonlyMap<string, (text: string) => Uint8Array<ArrayBuffer>> = new Map([
  ['quoted-printable', decodeQuotedPrintable],
  ['base64', base64Octets],
]);

/** A body without transfer encoding is already text. */
const textOf = (body: string, encoding: string, charset: string): string => {
  const octets = DECODERS.get(encoding.trim().toLowerCase())?.(body);
  if (octets === undefined) return body;
  try {
    return new TextDecoder(charset).decode(octets);
  } catch {
    return new TextDecoder().decode(octets);
  }
};

const partsOf = (body: string, boundary: string): readonly string[] => {
  const parts: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split('\n')) {
    const bare = line.trimEnd();
    if (bare !== `--${boundary}` && bare !== `--${boundary}--`) current?.push(line);
    else {
      if (current !== undefined) parts.push(current.join('\n'));
      current = bare.endsWith('--') && bare !== `--${boundary}` ? undefined : [];
    }
  }
  if (current !== undefined) parts.push(current.join('\n'));
  return parts.slice(0, MAX_PARTS);
};

const statusOf = (text: string): readonly Header[] =>
  text.split(/\n\s*\n/).flatMap((group) => headersOf(group.trim()) ?? []);

const read = (raw: string, depth: number): ReceivedMail | undefined => {
  const text = raw.replace(/\r\n/g, '\n');
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const headers = headersOf(end < 0 ? text : text.slice(0, end));
  if (headers === undefined) return undefined;
  const body = end < 0 ? '' : text.slice(end).replace(/^\n{1,2}/, '');
  const type = fieldOf(headers, 'content-type') ?? 'text/plain';
  const header = (name: string): string | undefined => {
    const value = fieldOf(headers, name);
    return value === undefined ? undefined : decodeWords(value);
  };
  const boundary = /^multipart\//i.test(type) ? parameterOf(type, 'boundary') : undefined;
  if (boundary === undefined) {
    const charset = parameterOf(type, 'charset') ?? 'utf-8';
    const decoded = textOf(body, fieldOf(headers, 'content-transfer-encoding') ?? '7bit', charset);
    const plain = decoded.replace(/\r\n/g, '\n');
    const isStatus = /^message\/delivery-status\b/i.test(type);
    return { header, text: plain, parts: [], ...(isStatus ? { deliveryStatus: statusOf(plain) } : {}) };
  }
  if (depth >= MAX_DEPTH) return { header, text: '', parts: [] };
  const parts = partsOf(body, boundary).flatMap((part) => read(part, depth + 1) ?? []);
  const first = parts.find((part) => /^text\/plain|^$/i.test(part.header('content-type') ?? '')) ?? parts[0];
  const status = parts.find((part) => part.deliveryStatus !== undefined)?.deliveryStatus;
  return {
    header,
    text: first?.text ?? '',
    parts,
    ...(status === undefined ? {} : { deliveryStatus: status }),
  };
};

/** Reads a mail (RFC 5322, MIME). Undefined when it does not begin with header fields, or is longer than 1 MiB. */
export const parseMail = (raw: string): ReceivedMail | undefined => {
  const mail = raw.length > MAX_LENGTH ? undefined : read(raw, 0);
  return mail?.header('from') === undefined ? undefined : mail;
};

/** The Message-IDs in a References or In-Reply-To value, in order; none that a line of a mail could not hold. */
export const messageIdsIn = (value: string | undefined): readonly string[] =>
  value?.match(/<[\x21-\x3b\x3d\x3f-\x7e]{1,996}>/g) ?? [];
