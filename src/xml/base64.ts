const BASE64 = /^([A-Za-z0-9+/]*)(={0,2})$/;

/** Padding, if there is any, fills the last group of four; one character alone says nothing. */
const isBase64 = (text: string): boolean => {
  const [, digits, padding] = BASE64.exec(text) ?? [];
  if (digits === undefined || digits.length % 4 === 1) return false;
  return padding === '' || text.length % 4 === 0;
};

/** Bytes of a base64 text; white space within it is left out, padding may be missing. Undefined: not base64. */
export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const bare = text.replace(/[ \t\r\n]+/g, '');
  return isBase64(bare) ? Uint8Array.from(atob(bare), (octet) => octet.charCodeAt(0)) : undefined;
};

/** Base64 with padding, in one line. */
export const encodeBase64 = (bytes: Uint8Array): string => {
  let octets = '';
  for (const octet of bytes) octets += String.fromCharCode(octet);
  return btoa(octets);
};
