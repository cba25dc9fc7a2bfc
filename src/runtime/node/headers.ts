import { IncomingHeaders, withHeadersOf } from '../../http/incoming-headers.ts';

/** The same request, whose `headers` are cheap to read. */
export const withIncomingHeaders = (
  request: Request,
  { rawHeaders }: { readonly rawHeaders: readonly string[] },
): Request => withHeadersOf(request, new IncomingHeaders(rawHeaders));
