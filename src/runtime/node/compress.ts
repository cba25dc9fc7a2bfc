const COMPRESSED = /^application\/(?:fhir\+)?(?:json|xml)\b/;

/** Does the client take gzip (RFC 9110, 12.5.3)? `gzip;q=0` says that it does not. */
export const takesGzip = (accepted: string | undefined): boolean =>
  (accepted ?? '').split(',').some((one) => {
    const [coding = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return (coding === 'gzip' || coding === '*') && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
  });

/**
 * An answer, gzipped for a client that takes it. On Workers the edge does this by itself. For any other client
 * the answer is not even looked at: its text then goes out without a stream in between.
 */
export const compress = (response: Response): Response => {
  const { body, headers, status } = response;
  if (body === null || headers.has('content-encoding')) return response;
  if (!COMPRESSED.test(headers.get('content-type') ?? '')) return response;
  const changed = new Headers(headers);
  changed.append('Vary', 'Accept-Encoding');
  changed.set('Content-Encoding', 'gzip');
  changed.delete('Content-Length');
  return new Response(body.pipeThrough(new CompressionStream('gzip')), { status, headers: changed });
};
