import type { Basic, Organization, Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type ServerWrites, serverOrder } from '../delivery/server-write.ts';
import type { Delivery } from '../delivery/types.ts';
import type { Failure, Issue } from '../failure.ts';
import type { Refresh, RefreshedSearch, RefreshSearch } from '../interactions/server.ts';
import { ok, type Result } from '../result.ts';
import type { Repository } from '../store/repository.ts';
import type { Criterion, SearchRequest } from '../store/search-request.ts';
import type { StoredVersion } from '../store/types.ts';
import type { FmkClient } from '../systems/fmk/client.ts';
import { mergeListed, storedWhitelisting, uniqueKeyOf } from '../systems/fmk/mapping.ts';
import { CVR_SYSTEM } from '../systems/organizations.ts';
import { asBasic } from './basic.ts';

/** What the store's whitelistings are kept true with. */
export interface FocesRefreshParts extends ServerWrites {
  readonly client: Pick<FmkClient, 'list'>;
  readonly repository: Repository;
  readonly delivery: Delivery;
  /** Every stored version that meets the request, pages joined. */
  readonly all: (request: SearchRequest) => Promise<readonly StoredVersion[]>;
  /** Milliseconds: FMK is asked when a whitelisting was last confirmed longer ago; 0: always. */
  readonly refreshAge: number;
}

const BASIC_KIND = codeSystem('basic-kind');
const CODE: Criterion = {
  kind: 'token',
  param: 'code',
  anyOf: [{ system: BASIC_KIND, code: 'foces-whitelisting' }],
  not: false,
};

/** The parameters that name the organisation of a whitelisting. */
const OF_ORGANIZATION: ReadonlySet<string> = new Set(['subject', 'organization']);

/** The CVR numbers that a search asks for. */
const cvrsIn = (criteria: readonly Criterion[]): readonly string[] =>
  criteria.flatMap((one) =>
    one.kind === 'token' && OF_ORGANIZATION.has(one.param.replace(/:identifier$/, '')) && !one.not
      ? one.anyOf.flatMap(({ system, code }) =>
          code !== undefined && (system === undefined || system === CVR_SYSTEM) && /^\d{8}$/.test(code)
            ? [code]
            : [],
        )
      : [],
  );

/** The Organizations that a search names by reference. */
const organizationsIn = (criteria: readonly Criterion[]): readonly string[] =>
  criteria.flatMap((one) =>
    one.kind === 'reference' && OF_ORGANIZATION.has(one.param)
      ? one.anyOf.flatMap(({ type, id }) => (type === 'Organization' || type === undefined ? [id] : []))
      : [],
  );

const isAllOfKind = (criteria: readonly Criterion[]): boolean =>
  criteria.some(
    (one) =>
      one.kind === 'token' &&
      one.param === 'code' &&
      one.anyOf.some(({ system, code }) => system === BASIC_KIND && code === 'foces-whitelisting'),
  ) && !criteria.some(({ kind }) => kind === 'id');

const CANNOT_LIST: Issue = {
  severity: 'warning',
  code: 'incomplete',
  diagnostics:
    'FMK lists the whitelistings of one organisation at a time and was not asked: this is what this server knows. Search by subject:identifier=http://cvr.dk|<CVR number>.',
};

/** CVR numbers that FMK is asked about for one search: each is a call of its own. */
const MOST_ASKED = 20;

const NOT_ALL: Issue = {
  severity: 'warning',
  code: 'incomplete',
  diagnostics: `FMK was asked about the first ${MOST_ASKED} CVR numbers only; of the others this is what this server knows.`,
};

/** Those made elsewhere name their organisation by its CVR number alone. */
const BY_NUMBER: Issue = {
  severity: 'warning',
  code: 'incomplete',
  diagnostics:
    'Whitelistings that were made elsewhere name their organisation by CVR number alone: subject:identifier=http://cvr.dk|<CVR number> finds them, too.',
};

const unconfirmed = ({ issues }: Failure): Issue => ({
  severity: 'warning',
  code: 'incomplete',
  diagnostics:
    `FMK could not be asked, so this is what this server knows. ${issues[0]?.diagnostics ?? ''}`.trim(),
});

interface Held {
  readonly basic: Basic;
  readonly version: StoredVersion;
}

/** Keeps whitelistings true to FMK's list for their CVR number. */
export const createFocesRefresh = (parts: FocesRefreshParts): Refresh => {
  const { client, repository, delivery, all, clock, refreshAge, upstreamDeadline } = parts;

  const heldOf = async (cvr: string): Promise<readonly Held[]> => {
    const subject: Criterion = {
      kind: 'token',
      param: 'subject:identifier',
      anyOf: [{ system: CVR_SYSTEM, code: cvr }],
      not: false,
    };
    const versions = await all({
      type: 'Basic',
      criteria: [CODE, subject],
      count: 200,
      sort: [],
      total: 'none',
    });
    return versions.map((version) => ({ version, basic: asBasic(JSON.parse(version.content) as Resource) }));
  };

  const touch = ({ type, id }: StoredVersion): Promise<unknown> => repository.touchChecked(type, id, clock());

  /** What another call does to the same resource meanwhile wins: it has asked FMK later than this. */
  const write = async (basic: Basic, base?: StoredVersion, remove = false): Promise<void> => {
    const uniqueKey = remove ? undefined : uniqueKeyOf(basic);
    const delivered = await delivery.execute(
      serverOrder(parts, {
        resource: basic,
        remove,
        ...(base === undefined ? {} : { base }),
        ...(uniqueKey === undefined ? {} : { uniqueKey }),
      }),
    );
    if (delivered.ok && !remove) await touch(delivered.value.version);
  };

  /** Asks FMK for a CVR number and takes over what it says. Failures: those of asking. */
  const takeOver = async (
    cvr: string,
    requestId: string,
    deadline = clock() + upstreamDeadline,
  ): Promise<Result<readonly Issue[], Failure>> => {
    // What is stored is looked up first: a whitelisting made meanwhile is not taken for one that is gone.
    const stored = await heldOf(cvr);
    const asked = await client.list(cvr, { requestId, deadline });
    if (!asked.ok) return asked;
    const { confirmed, learnt, gone, issues } = mergeListed(asked.value, stored);
    for (const { version } of confirmed) await touch(version);
    for (const basic of learnt) await write(basic);
    for (const { basic, version } of gone) await write(basic, version, true);
    return ok([...asked.value.issues, ...issues]);
  };

  /** The CVR numbers of the directory's Organizations with these ids. */
  const cvrsOfDirectory = async (ids: readonly string[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const id of ids) {
      const stored = await repository.read('Organization', id);
      if (stored === undefined || stored.deleted) continue;
      // What stands under this type was validated as one, and its numbers brought into their one form.
      const { identifier = [] } = JSON.parse(stored.content) as Organization;
      found.push(
        ...identifier.flatMap(({ system, value }) => (system === CVR_SYSTEM && value ? [value] : [])),
      );
    }
    return found;
  };

  const search = async ({
    criteria,
    requestId,
  }: RefreshSearch): Promise<Result<RefreshedSearch, Failure>> => {
    const issues: Issue[] = [];
    const byReference = await cvrsOfDirectory(organizationsIn(criteria));
    const cvrs = new Set([...cvrsIn(criteria), ...byReference]);
    if (cvrs.size === 0 && isAllOfKind(criteria)) issues.push(CANNOT_LIST);
    if (byReference.length > 0) issues.push(BY_NUMBER);
    if (cvrs.size > MOST_ASKED) issues.push(NOT_ALL);
    const deadline = clock() + upstreamDeadline;
    for (const cvr of [...cvrs].slice(0, MOST_ASKED)) {
      const taken = await takeOver(cvr, requestId, deadline);
      // Without a card nobody may ask: the store's own knowledge is better than nothing, and says so.
      if (!taken.ok && taken.failure.kind !== 'forbidden') return taken;
      issues.push(...(taken.ok ? taken.value : [unconfirmed(taken.failure)]));
    }
    return ok({ issues });
  };

  const version: Refresh['version'] = async (stored, requestId) => {
    if (stored.checkedAt === null || clock() - stored.checkedAt < refreshAge) return ok(stored);
    const cvr = storedWhitelisting(asBasic(JSON.parse(stored.content) as Resource))?.cvr;
    const taken = cvr === undefined ? undefined : await takeOver(cvr, requestId);
    if (taken?.ok === false && taken.failure.kind !== 'forbidden') return taken;
    return ok((await repository.read(stored.type, stored.id)) ?? stored);
  };

  return { version, search };
};
