/** UTF-8, base64: the form of NLL's JSON headers. */
export const base64 = (value: object): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))));

/** The headers that every call has, as curl takes them. */
export const REQUEST_ID = '"X-Request-ID: $(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)"';
export const USER_AGENT = `'X-User-Agent: ${base64({ name: 'Example', version: '1' })}'`;

/** A call that needs no token: the directory, by pattern 2.1. */
export const readingCall = (base: string): string => `curl -i '${base}/fhir/Organization?_count=5' \\
  -H ${REQUEST_ID} \\
  -H ${USER_AGENT}`;
