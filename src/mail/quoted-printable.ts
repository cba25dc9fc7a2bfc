/** RFC 2045, 6.7: a text of UTF-8 as lines of at most 76 ASCII characters. */

const MAX_LINE = 76;

const encoder = new TextEncoder();

const hex = (octet: number): string => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;

const isPlain = (octet: number): boolean =>
  octet === 0x09 || (octet >= 0x20 && octet <= 0x7e && octet !== 0x3d);

/** One line of text: what does not fit goes on behind a soft line break. */
const encodedLine = (line: string): string => {
  const octets = encoder.encode(line);
  const pieces = [...octets].map((octet, at) => {
    // White space at the end of a line is lost on the way.
    const trailing = at === octets.length - 1 && (octet === 0x20 || octet === 0x09);
    return isPlain(octet) && !trailing ? String.fromCharCode(octet) : hex(octet);
  });
  const lines: string[] = [];
  let current = '';
  for (const [at, piece] of pieces.entries()) {
    // The last piece may use the column that a soft line break would need.
    const room = at === pieces.length - 1 ? MAX_LINE : MAX_LINE - 1;
    if (current.length + piece.length > room) {
      lines.push(`${current}=`);
      current = '';
    }
    current += piece;
  }
  return [...lines, current].join('\r\n');
};

/** The text with CRLF line ends, whichever it has. */
export const encodeQuotedPrintable = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(encodedLine)
    .join('\r\n');

const octetsOf = (coded: string): Uint8Array =>
  Uint8Array.from({ length: coded.length / 3 }, (_, at) =>
    Number.parseInt(coded.slice(at * 3 + 1, at * 3 + 3), 16),
  );

/** The octets of a quoted-printable body; what is not well-formed stays as it is (RFC 2045, 6.7, note). */
export const decodeQuotedPrintable = (text: string): Uint8Array<ArrayBuffer> => {
  // White space at the end of a line was added on the way. (`trimEnd`, because an expression for it would take
  // time by the square of a long run of blanks.)
  const unwrapped = text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\r\n')
    .replace(/=\r\n/g, '');
  const pieces: Uint8Array[] = [];
  for (const [run, coded] of unwrapped.matchAll(/((?:=[0-9A-Fa-f]{2})+)|[^=]+|=/g)) {
    pieces.push(coded === undefined ? encoder.encode(run) : octetsOf(coded));
  }
  const octets = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    octets.set(piece, at);
    at += piece.length;
  }
  return octets;
};
