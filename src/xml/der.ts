/** One value of ASN.1's distinguished encoding rules (X.690), definite lengths only. */
export interface Der {
  /** Identifier octet, class and constructed bit included: 0x30 is a SEQUENCE, 0xa0 `[0]`. */
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** The whole value with tag and length. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Deeper or longer than any certificate needs means nonsense. */
const MAX_LENGTH_OCTETS = 3;

const readOne = (bytes: Uint8Array<ArrayBuffer>): Der | undefined => {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > MAX_LENGTH_OCTETS) return undefined;
  const start = 2 + octets;
  const length = octets === 0 ? first : bytes.subarray(2, start).reduce((sum, octet) => sum * 256 + octet, 0);
  const end = start + length;
  return end > bytes.length
    ? undefined
    : { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(0, end) };
};

/** The values one after the other, to the very end; undefined when the bytes are not such. */
export const readDer = (bytes: Uint8Array<ArrayBuffer>): readonly Der[] | undefined => {
  const values: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const one = readOne(bytes.subarray(at));
    if (one === undefined) return undefined;
    values.push(one);
    at += one.bytes.length;
  }
  return values;
};

/** The members of a constructed value; undefined when it is not of that tag. */
export const membersOf = (value: Der | undefined, tag: number): readonly Der[] | undefined =>
  value?.tag === tag ? readDer(value.content) : undefined;

/** The value of an OBJECT IDENTIFIER in dots. */
export const objectIdentifier = (value: Der | undefined): string | undefined => {
  if (value?.tag !== 0x06) return undefined;
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of value.content) {
    arc = arc * 128 + (octet & 0x7f);
    if ((octet & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first, ...rest] = arcs;
  if (first === undefined) return undefined;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
};
