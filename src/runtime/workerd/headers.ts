import { IncomingHeaders, withHeadersOf } from '../../http/incoming-headers.ts';

const encoder = new TextEncoder();

/** ASCII is the same both ways. */
const isPlain = (value: string): boolean => {
  for (let at = 0; at < value.length; at += 1) if (value.charCodeAt(at) > 0x7f) return false;
  return true;
};

const byteString = (text: string): string =>
  Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');

/**
 * The same request, whose header values are byte strings, as the fetch standard has them and Node gives them:
 * workerd has read their bytes as UTF-8. Not by its own `Headers`, which print such a value to the log.
 */
export const withByteStrings = (request: Request): Request => {
  const sent = [...request.headers];
  if (sent.every(([, value]) => isPlain(value))) return request;
  const rawHeaders = sent.flatMap(([name, value]) => [name, byteString(value)]);
  return withHeadersOf(request, new IncomingHeaders(rawHeaders));
};
