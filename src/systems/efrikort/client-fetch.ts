import { fail, ok, type Result } from '../../result.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import type { EfrikortSettings } from './settings.ts';

/** What a client shows in two-way TLS; PEM texts. */
export interface ClientIdentity {
  /** The client's certificate first, then those between it and its root. */
  readonly certificate: string;
  /** Secret. */
  readonly key: string;
  /** Whom alone to trust for the server's certificate; the platform's own roots when absent. */
  readonly ca?: string;
}

/** What of an identity cannot be used. */
export type IdentityFault = 'certificate' | 'key' | 'pair' | 'ca';

export interface ClientFetchPorts {
  /** Two-way TLS with a key from the settings, where the platform can (Node). */
  readonly presenting?: (identity: ClientIdentity) => Result<UpstreamFetch, IdentityFault>;
  /**
   * An mTLS binding, which holds key and certificate itself (Workers). It was not exercised: it exists on
   * Cloudflare's own machines alone, and a local fetcher stands in for it.
   */
  readonly binding?: UpstreamFetch;
}

const FAULTS: Readonly<Record<IdentityFault, string>> = {
  certificate: 'EFRIKORT_CLIENT_CERTIFICATE cannot be read as a certificate.',
  key: 'EFRIKORT_CLIENT_KEY cannot be read as an unencrypted private key.',
  pair: 'EFRIKORT_CLIENT_KEY is not the key of the first certificate of EFRIKORT_CLIENT_CERTIFICATE.',
  ca: 'EFRIKORT_CA cannot be read as certificates.',
};

/**
 * The `fetch` by which eFrikort's own services are called, presenting the client certificate; undefined: none is
 * configured, and nothing calls them. The failure is one sentence that names the setting.
 */
export const clientFetchOf = (
  settings: Pick<EfrikortSettings, 'clientCertificate' | 'clientKey' | 'ca'>,
  { presenting, binding }: ClientFetchPorts,
): Result<UpstreamFetch | undefined, string> => {
  const { clientCertificate: certificate, clientKey: key, ca } = settings;
  if (binding !== undefined) {
    const other = key !== undefined ? 'EFRIKORT_CLIENT_KEY' : ca !== undefined ? 'EFRIKORT_CA' : undefined;
    return other === undefined
      ? ok(binding)
      : fail(`${other} is given, and the mTLS binding has its own: take away one of them.`);
  }
  if (certificate === undefined) return ok(undefined);
  if (presenting === undefined) {
    return fail(
      'EFRIKORT_CLIENT_CERTIFICATE cannot be presented on this platform: upload it as an mTLS certificate and bind it.',
    );
  }
  if (key === undefined) {
    return fail('EFRIKORT_CLIENT_KEY is missing: EFRIKORT_CLIENT_CERTIFICATE needs it.');
  }
  const made = presenting({ certificate, key, ...(ca === undefined ? {} : { ca }) });
  return made.ok ? made : fail(FAULTS[made.failure]);
};
