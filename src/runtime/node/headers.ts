import { IncomingHeaders } from '../incoming-headers.ts';

/** The same request, whose `headers` are cheap to read. */
export const withIncomingHeaders = (
  request: Request,
  { rawHeaders }: { readonly rawHeaders: readonly string[] },
): Request => Object.defineProperty(request, 'headers', { value: new IncomingHeaders(rawHeaders) });
