import type { Ground } from './ground.ts';
import { createFindingsCount } from './headers/report.ts';
import { headerLimitsBy } from './headers/sizes.ts';
import type { Server } from './interactions/server.ts';
import type { Stages } from './interactions/stages.ts';
import { orStop } from './platform.ts';
import { createCallerKeys } from './security/caller-key.ts';
import { createAuthenticator } from './security/token/authenticate.ts';
import { parseTokenIssuers } from './security/token/configuration.ts';
import { type AcceptedIssuer, headerLimitsFor } from './security/token/issuer.ts';
import { createTokenVerifier } from './security/token/verify.ts';
import { FORMATS, headerRulesAt } from './server.ts';

/** Whose tokens are accepted. */
export const issuersOf = ({
  config,
  sandbox,
}: Pick<Ground, 'config' | 'sandbox'>): readonly AcceptedIssuer[] => [
  ...(sandbox === undefined ? [] : [sandbox.issuer]),
  ...(config.tokenIssuers === undefined ? [] : orStop(parseTokenIssuers(config.tokenIssuers))),
];

/** Who is let in, and by which rules. */
export const createStages = (ground: Ground, server: Server): { stages: Stages; forget: () => void } => {
  const { config, platform, sandbox, clock, keyring, patients } = ground;
  const { fetch, sha256, background, log } = platform;
  const issuers = issuersOf(ground);
  const verifier = createTokenVerifier({ issuers, fetch, clock, sha256, background });
  const authenticator = createAuthenticator(verifier, (person) => patients.find(person));
  const openCaller = config.sandboxOpen ? sandbox?.openCaller : undefined;
  const { shownCertificate } = platform;
  const stages: Stages = {
    get headerRules() {
      return headerRulesAt(config, clock());
    },
    headers: { ...config.headers, validateProvenance: server.validate },
    headerLimits: orStop(
      headerLimitsBy(config.headers, headerLimitsFor(issuers), config.tokenClientCertificateHeader),
    ),
    ...(shownCertificate === undefined ? {} : { shownCertificate }),
    countFindings: createFindingsCount(log),
    formats: FORMATS,
    toXml: ground.xml.toXml,
    authenticate: async (authorization, presentation) =>
      authorization === null && openCaller !== undefined
        ? { ok: true, value: openCaller }
        : authenticator.authenticate(authorization, presentation),
    callerKeys: createCallerKeys(keyring),
    baseOf: (url) => config.baseUrl ?? new URL(url).origin,
  };
  return { stages, forget: () => authenticator.clear() };
};
