import type { Resource } from '@medplum/fhirtypes';
import type { Config } from './config.ts';
import type { Connections } from './connect/connections.ts';
import { refreshers } from './connect/refreshers.ts';
import { createDelivery } from './delivery/delivery.ts';
import { entriesOf } from './entries.ts';
import { type Failure, failure, failureOf } from './failure.ts';
import { indexRows } from './fhir/search/index-rows.ts';
import { createSubsets } from './fhir/search/subset.ts';
import { createValidator } from './fhir/validate/index.ts';
import type { Xml } from './fhir/xml/index.ts';
import type { Ground, ParametersOf } from './ground.ts';
import { createRelated } from './interactions/related.ts';
import { createSearchEngine } from './interactions/search-engine.ts';
import type { Server } from './interactions/server.ts';
import { professionalRows } from './resources/basic.ts';
import { fail, type Result } from './result.ts';
import { createSearchTerminology } from './search-terminology.ts';
import { auditStatement, createAudit } from './security/audit.ts';
import { createSearch } from './store/search.ts';
import type { IndexRows, TokenRow } from './store/types.ts';
import {
  canonicalSystem,
  isPersonSystem,
  looksLikePersonNumber,
  maskPersonNumbers,
  normalisePersonNumber,
} from './systems/identifiers.ts';

export const FORMATS = ['json', 'xml'] as const;

/** @param texts the types that are searched by their words, too */
const indexer =
  (
    parametersOf: ParametersOf,
    baseUrl: string,
    texts: readonly string[],
    ofConsent?: (resource: Resource) => readonly TokenRow[],
  ) =>
  (resource: Resource): IndexRows => {
    const rows = indexRows(resource, parametersOf(resource.resourceType), {
      baseUrl,
      isPrivateSystem: isPersonSystem,
      ...(texts.includes(resource.resourceType) ? { maskText: maskPersonNumbers } : {}),
    });
    return {
      ...rows,
      token: [...rows.token, ...(ofConsent?.(resource) ?? []), ...professionalRows(resource)],
    };
  };

const readXml =
  (xml: Xml) =>
  (text: string): Result<string, Failure> => {
    const read = xml.fromXml(text);
    if (read.ok) return read;
    return fail(failureOf(read.failure) ?? failure('malformed', 'structure', 'The body is not FHIR XML.'));
  };

/** The day named in HEADER_REPORT_UNTIL is the last one, also for a server that runs on. */
export const headerRulesAt = (config: Config, now: number): Config['headerRules'] =>
  now < (config.headerReportUntil ?? Number.POSITIVE_INFINITY) ? config.headerRules : 'enforce';

/** What the interactions work with. */
export const createServer = (ground: Ground, connections: Connections): Server => {
  const { config, platform, clock, keyring, patients, repository, fhirBase } = ground;
  const { definitions, parametersOf, terminology, xml } = ground;
  const { database, log, background } = platform;
  const { maxBody, upstreamDeadline } = config;
  const ofConsent = connections.helsenorge?.rows;
  const indexOf = indexer(parametersOf, fhirBase, ground.extraTypes, ofConsent);
  const delivery = createDelivery({
    database,
    repository,
    clock,
    log,
    background,
    systems: connections.systemOf,
    auditStatement,
    keys: keyring,
    indexOf,
    options: { idempotencyTtl: config.idempotencyTtl, settleTimeout: upstreamDeadline },
  });
  const audit = createAudit({ database });
  const store = createSearch(database);
  const resources = new Map(entriesOf(ground, connections).map((entry) => [entry.type, entry]));
  const search = createSearchEngine({
    database,
    clock,
    baseUrl: fhirBase,
    parametersOf,
    maxBody,
    subsets: createSubsets(definitions.definitions),
    terminology: createSearchTerminology({
      terminology,
      artefacts: ground.artefacts,
      clock,
      stored: ground.extraTypes,
      find: async (request) => (await store.search(request)).versions,
    }),
  });
  return {
    bodies: { maxBody, formats: FORMATS, fromXml: readXml(xml), definitions: definitions.definitions },
    upstreamDeadline,
    resources,
    repository,
    search,
    related: createRelated({
      resources,
      offered: search.offered,
      headers: config.headers,
      reporting: () => headerRulesAt(config, clock()) === 'report',
    }),
    patients,
    delivery,
    audit,
    recordAudit: audit.record,
    validate: createValidator(ground.artefacts, definitions.definitions, definitions.valueSets).validate,
    indexOf,
    keyring,
    persons: {
      canonicalSystem,
      isPersonSystem,
      holdsNumber: (text) => maskPersonNumbers(text) !== text || looksLikePersonNumber(text),
      normalise: normalisePersonNumber,
    },
    clock,
    log,
    refreshOf: refreshers(connections, ground, { delivery, indexOf, search: store }),
  };
};
