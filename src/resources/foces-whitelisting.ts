import type { Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import type { Clock } from '../ports.ts';
import { ok, type Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';
import { storedWhitelisting, uniqueKeyOf } from '../systems/fmk/mapping.ts';
import { type CallersCard, type FmkSystem, withCard } from '../systems/fmk/system.ts';
import { normaliseOrganizationIdentifier, organizationKey } from '../systems/organizations.ts';
import { asBasic, basicWrite } from './basic.ts';
import type { ConnectedParts } from './entry.ts';
import { type Directory, heldAgainst } from './foces-directory.ts';
import { sameJson, withoutServerMeta } from './same.ts';

/** For which CVR numbers an organisation may write besides its own. */
export interface Delegations {
  allows(organization: { readonly system: string; readonly value: string }, cvr: string): boolean;
}

/** Any organisation for any other, and callers that act for none: the sandbox, until configuration narrows it. */
export const OPEN_DELEGATIONS = 'open';

export interface FocesWhitelistingParts {
  readonly delegations: Delegations | typeof OPEN_DELEGATIONS;
  /** Verifies a card of X-Dgws-IdCard. Failure `unauthenticated`. */
  readonly readCard: (header: string) => Promise<Result<CallersCard, Failure>>;
  /** FMK_DUPLICATE_CREATE. */
  readonly duplicate: 'refuse' | 'existing';
  /** So that only this server can read it back. */
  readonly sealCard: (card: CallersCard) => Promise<string>;
  readonly directory: Directory;
  readonly clock: Clock;
}

const CARD_HEADER = 'X-Dgws-IdCard';

const ownCvr = ({ organization }: Caller): string | undefined => {
  if (organization === undefined) return undefined;
  const { system, value } = organization.identifier;
  const read = normaliseOrganizationIdentifier(system, value);
  return read?.ok === true && read.value.kind === 'cvr' ? read.value.value : undefined;
};

const refuseOthers = (caller: Caller, resource: Resource, delegations: Delegations): Failure | undefined => {
  const raw = asBasic(resource).subject?.identifier;
  const read = normaliseOrganizationIdentifier(raw?.system, raw?.value ?? '');
  const cvr =
    storedWhitelisting(asBasic(resource))?.cvr ?? (read?.ok === true ? read.value.value : undefined);
  const own = caller.organization?.identifier;
  if (cvr !== undefined && (ownCvr(caller) === cvr || (own !== undefined && delegations.allows(own, cvr)))) {
    return undefined;
  }
  return failure(
    'forbidden',
    'forbidden',
    'The organisation of the token may write whitelistings of its own CVR number, and of those that FMK_DELEGATIONS lists for it.',
    {
      expression: ['Basic.subject'],
      details: { system: codeSystem('header-issue'), code: 'combination-not-allowed' },
    },
  );
};

/** Basic foces-whitelisting: a FOCES certificate in FMK's whitelist. */
export const focesWhitelisting = (fmk: FmkSystem, parts: FocesWhitelistingParts): ConnectedParts => ({
  preview: (request) => fmk.preview(request),
  write: {
    system: 'fmk',
    resolves: ['Organization'],
    plan: (write, { provenance, resolve }) =>
      fmk.plan(basicWrite(write), {
        ...(provenance === undefined ? {} : { provenance }),
        organization: (reference) => {
          const found = resolve(reference);
          return found?.resourceType === 'Organization' ? found : undefined;
        },
      }),
    duplicate: parts.duplicate,
    preflight: (request, asked) => fmk.client.check(request, asked),
    uniqueKey: (resource) => uniqueKeyOf(asBasic(resource)),
    sameContent: (a, b) => sameJson(withoutServerMeta(a), withoutServerMeta(b)),
    mayAct: (caller, resource) =>
      parts.delegations === OPEN_DELEGATIONS ? undefined : refuseOthers(caller, resource, parts.delegations),
    attach: async (plan, headers) => {
      const { resource, request } = plan;
      const noted =
        resource === undefined ? [] : await heldAgainst(parts.directory, asBasic(resource), parts.clock());
      const told = noted.length === 0 ? plan : { ...plan, issues: [...plan.issues, ...noted] };
      const header = headers.get(CARD_HEADER);
      if (header === null || request === undefined) return ok(told);
      const card = await parts.readCard(header.trim());
      if (!card.ok) return card;
      return ok({ ...told, request: withCard(request, await parts.sealCard(card.value)) });
    },
  },
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const EXPECTED =
  'FMK_DELEGATIONS must be JSON from organisation (system|value) to a list of CVR numbers, such as {"http://cvr.dk|12345674":["12345674"]}, or open (sandbox only).';

/** An organisation under whichever of its systems it is named. */
const keyOf = (system: string, value: string): string => {
  const read = normaliseOrganizationIdentifier(system, value);
  return read?.ok === true ? organizationKey(read.value) : `${system}|${value}`;
};

/** Reads FMK_DELEGATIONS. Failure: one sentence that names the setting. */
export const parseDelegations = (text: string): Result<Delegations, string> => {
  const refused = { ok: false, failure: EXPECTED } as const;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused;
  }
  if (!isObject(json)) return refused;
  const table = new Map<string, ReadonlySet<string>>();
  for (const [organization, list] of Object.entries(json)) {
    if (!/^[a-z][a-z0-9+.-]*:[^\s|]+\|[^\s|]+$/i.test(organization) || !Array.isArray(list)) return refused;
    const cvrs = list.filter((one): one is string => typeof one === 'string' && /^\d{8}$/.test(one));
    if (cvrs.length !== list.length) return refused;
    const [system = '', value = ''] = organization.split('|');
    const key = keyOf(system, value);
    table.set(key, new Set([...(table.get(key) ?? []), ...cvrs]));
  }
  return ok({ allows: ({ system, value }, cvr) => table.get(keyOf(system, value))?.has(cvr) === true });
};
