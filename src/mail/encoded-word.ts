/**
 * RFC 2047: text beyond ASCII in a header field. Written as UTF-8 in the Q encoding, read in either encoding.
 */

/**
 * A line with an encoded word is at most 76 characters (RFC 2047, 2), and the first one shares its line with the name
 * of the field; the frame `=?utf-8?q?…?=` takes 12.
 */
const ROOM = 62 - '=?utf-8?q?'.length - '?='.length;

/** Safe in every place a word may stand, a display name included (RFC 2047, 5 (3)). */
const PLAIN = /[A-Za-z0-9!*+\-/]/;

const encoder = new TextEncoder();

const encodedCharacter = (character: string): string => {
  if (character === ' ') return '_';
  if (PLAIN.test(character)) return character;
  return [...encoder.encode(character)]
    .map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
};

/** One text as encoded words; no character of it is split between two of them (RFC 2047, 5). */
const encodedWords = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    const next = encodedCharacter(character);
    if (piece.length + next.length > ROOM) {
      pieces.push(piece);
      piece = '';
    }
    piece += next;
  }
  return [...pieces, piece].map((one) => `=?utf-8?q?${one}?=`);
};

const isAscii = (text: string): boolean => /^[\x21-\x7e]*$/.test(text);

const isSafe = (word: string): boolean => isAscii(word) && !word.includes('=?');

/** White space that would not survive unfolding and decoding as it is. */
const delicate = (text: string): boolean => /^\s|\s$|[ \t]{2}|[^\S ]/.test(text);

/**
 * An unstructured text as words to be joined by a space or folded between: runs of words beyond ASCII become
 * encoded words, the rest stays readable. White space between two encoded words is not part of the text, so a
 * run holds its own. `readable` says which words may stay as they are; a display name has stricter rules.
 */
export const headerWords = (
  text: string,
  readable: (word: string) => boolean = isSafe,
): readonly string[] => {
  if (delicate(text)) return encodedWords(text);
  const words: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    if (run.length > 0) words.push(...encodedWords(run.join(' ')));
    run = [];
  };
  for (const word of text.split(' ')) {
    if (!readable(word)) run.push(word);
    else {
      flush();
      words.push(word);
    }
  }
  flush();
  return words;
};

const ENCODED = /=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=/gi;
/** White space between two encoded words is not displayed (RFC 2047, 6.2). */
const BETWEEN = /(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?[^?\s]*\?=)/gi;

const octetsOf = (encoding: string, text: string): Uint8Array<ArrayBuffer> | undefined => {
  if (encoding.toLowerCase() === 'b') {
    try {
      return Uint8Array.from(atob(text), (octet) => octet.charCodeAt(0));
    } catch {
      return undefined;
    }
  }
  const octets: number[] = [];
  for (const [match, hex] of text.matchAll(/=([0-9A-Fa-f]{2})|[\s\S]/g)) {
    octets.push(hex === undefined ? (match === '_' ? ' ' : match).charCodeAt(0) : Number.parseInt(hex, 16));
  }
  return Uint8Array.from(octets);
};

const decoderOf = (charset: string): TextDecoder | undefined => {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
};

/** The text of an unfolded header value; what cannot be decoded stays as it is. */
export const decodeWords = (value: string): string => {
  // Neighbours of one charset are decoded together: some writers split a character between them.
  const joined = value.replace(BETWEEN, '$1');
  return joined.replace(/(?:=\?[^?\s]+\?[bq]\?[^?\s]*\?=)+/gi, (run) => {
    const parts = [...run.matchAll(ENCODED)].map(([, charset = '', encoding = '', text = '']) => ({
      charset: charset.toLowerCase(),
      octets: octetsOf(encoding, text),
    }));
    let decoded = '';
    for (let at = 0; at < parts.length; ) {
      const charset = parts[at]?.charset ?? '';
      const octets: number[] = [];
      for (; at < parts.length && parts[at]?.charset === charset; at += 1) {
        const some = parts[at]?.octets;
        if (some === undefined) return run;
        for (const octet of some) octets.push(octet);
      }
      const text = decoderOf(charset)?.decode(Uint8Array.from(octets));
      if (text === undefined) return run;
      decoded += text;
    }
    return decoded;
  });
};
