import type { Failure, Issue } from '../failure.ts';
import type { Refresh, RefreshedSearch, RefreshSearch, UpstreamPosition } from '../interactions/server.ts';
import { ok, type Result } from '../result.ts';
import type { Criterion, SearchRequest } from '../store/search-request.ts';
import type { StoredVersion } from '../store/types.ts';
import type { CatalogueEntry } from '../systems/helsenorge/catalogue.ts';
import { fromAktive, fromForPart, PVK_DEFINITION, PVK_PART } from '../systems/helsenorge/mapping.ts';
import type { AktivePage } from '../systems/helsenorge/message-answers.ts';
import { normalisePersonNumber } from '../systems/identifiers.ts';
import { type ConsentRefreshParts, createConsentRefresh } from './consent-refresh.ts';

export interface ConsentSearchParts extends ConsentRefreshParts {
  readonly find: (request: SearchRequest) => Promise<readonly StoredVersion[]>;
}

const tokenCodes = (criteria: readonly Criterion[], param: string, system: string): readonly string[] =>
  criteria.flatMap((one) =>
    one.kind === 'token' && one.param === param && !one.not
      ? one.anyOf.flatMap((match) =>
          match.code !== undefined && (match.system === undefined || match.system === system)
            ? [match.code]
            : [],
        )
      : [],
  );

const patientsOf = (criteria: readonly Criterion[]): readonly string[] =>
  criteria.flatMap((one) =>
    one.kind === 'reference' && one.param === 'patient' ? one.anyOf.map(({ id }) => id) : [],
  );

const NOTHING: RefreshedSearch = { issues: [] };

const INACTIVE_FROM_STORE: Issue = {
  severity: 'warning',
  code: 'incomplete',
  diagnostics: 'Helsenorge lists active settings only: inactive ones are those that this server knows.',
};

/** Searches that ask PVK first, each by the service that answers just that (domain rule by rule). */
export const createConsentSearch = (parts: ConsentSearchParts): Refresh => {
  const refresh = createConsentRefresh(parts);
  const { client, catalogue, patients, repository, clock } = parts;

  /** One patient, one definition: Sjekk. */
  const byDefinition = async (
    patient: string,
    definitions: readonly string[],
    requestId: string,
  ): Promise<Result<RefreshedSearch, Failure>> => {
    const issues: Issue[] = [];
    for (const definition of definitions) {
      const learnt = await refresh.byDefinition(patient, definition.toLowerCase(), requestId);
      if (!learnt.ok) return learnt;
      issues.push(...learnt.value);
    }
    return ok({ issues });
  };

  /** One patient, one part: HentInnbyggersPiForPart tells the active ones; the part's others are not. */
  const byPart = async (
    patient: string,
    partKode: string,
    requestId: string,
  ): Promise<Result<RefreshedSearch, Failure>> => {
    const identifier = await patients.identifierOf(patient);
    const entries = catalogue.ofPart(partKode);
    if (identifier === undefined || entries.length === 0) return ok(NOTHING);
    const answer = await client.hentForPart(
      { innbyggerFnr: identifier.value, partKode },
      refresh.contextOf(requestId),
    );
    if (!answer.ok) return answer;
    const { consents, issues } = fromForPart(answer.value, identifier.value, catalogue);
    const told = new Map(answer.value.map((item) => [item.definisjonGuid.toLowerCase(), item]));
    for (const consent of consents) {
      const guid = consent.policyRule?.coding?.[0]?.code ?? '';
      const item = told.get(guid);
      if (item !== undefined) await refresh.learn(consent, patient, item);
    }
    const missing = entries.filter(({ guid }) => !told.has(guid));
    for (const { guid } of missing) await withdrawn(patient, guid);
    return ok({ issues });
  };

  /** PVK does not list it, so it is not active there. */
  const withdrawn = async (patient: string, guid: string): Promise<void> => {
    const live = await repository.liveByKey(`${patient}|${guid}`);
    if (live !== undefined) await refresh.takeOver(live, { aktiv: false });
  };

  /** Everybody with an active setting of a definition: a page of PVK's list at a time. */
  const byList = async (
    entry: CatalogueEntry,
    search: RefreshSearch,
  ): Promise<Result<RefreshedSearch, Failure>> => {
    const position: UpstreamPosition = search.upstream ?? { reference: 0, since: clock() };
    if (entry.partKode === undefined) return ok(NOTHING);
    const page = await client.hentAktive(
      {
        definisjonGuid: entry.guid,
        partKode: entry.partKode,
        pagingReference: position.reference,
      },
      refresh.contextOf(search.requestId),
    );
    if (!page.ok) return page;
    const { ids, issues } = await learnPage(page.value);
    const reference = page.value.pagingReference;
    if (reference !== 0) return ok({ ids, next: { ...position, reference }, issues });
    // Only a list read to its end says who is missing from it.
    await withdrawUnlisted(entry, position.since);
    return ok(position.reference === 0 ? { issues } : { ids, issues });
  };

  const learnPage = async (page: AktivePage) => {
    const { consents, issues } = fromAktive(page, catalogue);
    const ids: string[] = [];
    for (const [index, consent] of consents.entries()) {
      const citizen = page.personvernInnstillinger[index];
      const { system = '', value = '' } = consent.patient?.identifier ?? {};
      const number = normalisePersonNumber(system, value);
      if (citizen === undefined || !number.ok) continue;
      const patient = await patients.findOrMake(number.value);
      const { version } = await refresh.learn(consent, patient, { ...citizen, aktiv: true });
      if (version !== undefined) ids.push(version.id);
    }
    return { ids, issues };
  };

  const withdrawUnlisted = async (entry: CatalogueEntry, since: number): Promise<void> => {
    const active = await parts.find({
      type: 'Consent',
      criteria: [
        {
          kind: 'token',
          param: 'definition',
          anyOf: [{ system: PVK_DEFINITION, code: entry.guid }],
          not: false,
        },
        { kind: 'token', param: 'status', anyOf: [{ code: 'active' }], not: false },
      ],
      count: 10_000,
      sort: [],
      total: 'none',
    });
    for (const stored of active) {
      if (stored.checkedAt !== null && stored.checkedAt >= since) continue;
      await refresh.takeOver(stored, { aktiv: false });
    }
  };

  const search: Refresh['search'] = async (asked) => {
    const definitions = tokenCodes(asked.criteria, 'definition', PVK_DEFINITION);
    const parts = tokenCodes(asked.criteria, 'organization:identifier', PVK_PART);
    const named = patientsOf(asked.criteria);
    const concerned = named.length > 0 ? named : (asked.patients ?? []);
    const [patient] = concerned;
    const refreshed = await refreshFor(asked, { definitions, parts, patient, several: concerned.length > 1 });
    if (!refreshed.ok) return refreshed;
    const inactive = tokenCodes(asked.criteria, 'status', '').includes('inactive');
    return inactive
      ? ok({ ...refreshed.value, issues: [...refreshed.value.issues, INACTIVE_FROM_STORE] })
      : refreshed;
  };

  const refreshFor = async (
    asked: RefreshSearch,
    what: {
      readonly definitions: readonly string[];
      readonly parts: readonly string[];
      readonly patient: string | undefined;
      readonly several: boolean;
    },
  ): Promise<Result<RefreshedSearch, Failure>> => {
    const { definitions, parts: partCodes, patient, several } = what;
    const [definition] = definitions;
    const [part] = partCodes;
    if (several) return ok(NOTHING);
    if (patient !== undefined) {
      if (definitions.length > 0) return byDefinition(patient, definitions, asked.requestId);
      return part === undefined ? ok(NOTHING) : byPart(patient, part, asked.requestId);
    }
    const entry = definition === undefined ? undefined : catalogue.find(definition);
    return entry === undefined || definitions.length > 1 ? ok(NOTHING) : byList(entry, asked);
  };

  return { version: refresh.version, search };
};
