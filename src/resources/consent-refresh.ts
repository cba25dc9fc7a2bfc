import type { Consent, Resource } from '@medplum/fhirtypes';
import { serverOrder } from '../delivery/server-write.ts';
import type { Delivery, WriteOrder } from '../delivery/types.ts';
import type { Failure, Issue } from '../failure.ts';
import type { Clock } from '../ports.ts';
import { ok, type Result } from '../result.ts';
import type { PatientIndex } from '../store/patient-index.ts';
import type { Repository } from '../store/repository.ts';
import type { IndexRows, StoredVersion } from '../store/types.ts';
import type { Catalogue } from '../systems/helsenorge/catalogue.ts';
import type { PvkClient } from '../systems/helsenorge/client.ts';
import type { CallContext } from '../systems/helsenorge/client-caller.ts';
import {
  definitionOf,
  fromStatus,
  refreshConsent,
  type Told,
  uniqueKeyOf,
} from '../systems/helsenorge/mapping.ts';
import { asConsent } from './consent.ts';

/** What the store's Consents are kept true with. */
export interface ConsentRefreshParts {
  readonly client: PvkClient;
  readonly catalogue: Catalogue;
  readonly repository: Repository;
  readonly patients: PatientIndex;
  readonly delivery: Delivery;
  readonly indexOf: (resource: Resource) => IndexRows;
  readonly clock: Clock;
  /** Milliseconds: a read asks PVK when the last confirmation is older. */
  readonly refreshAge: number;
  /** Milliseconds for asking PVK, retries included. */
  readonly upstreamDeadline: number;
}

/**
 * Takes over what PVK tells about single settings.
 */
export const createConsentRefresh = (parts: ConsentRefreshParts) => {
  const { client, catalogue, repository, patients, delivery, clock, upstreamDeadline } = parts;

  const contextOf = (requestId: string): CallContext => ({
    requestId,
    deadline: clock() + upstreamDeadline,
  });

  const orderOf = (consent: Consent, patient: string, base: StoredVersion | undefined): WriteOrder => {
    const definition = definitionOf(consent);
    return serverOrder(parts, {
      resource: consent,
      patient,
      ...(base === undefined ? {} : { base }),
      ...(definition === undefined ? {} : { uniqueKey: uniqueKeyOf(patient, definition) }),
    });
  };

  /**
   * A write of the same resource that is under way knows better than an older answer of PVK: then, and only
   * then, the stored version stays as it is.
   */
  const write = async (
    consent: Consent,
    patient: string,
    base: StoredVersion | undefined,
  ): Promise<StoredVersion | undefined> => {
    const delivered = await delivery.execute(orderOf(consent, patient, base));
    if (!delivered.ok) return base;
    const { version } = delivered.value;
    await repository.touchChecked(version.type, version.id, clock());
    return version;
  };

  /** Holds a stored Consent against what PVK told of its setting. */
  const takeOver = async (
    stored: StoredVersion,
    told: Told,
  ): Promise<{ readonly version: StoredVersion; readonly issues: readonly Issue[] }> => {
    const { consent, change, issues } = refreshConsent(
      asConsent(JSON.parse(stored.content) as Resource),
      told,
    );
    if (change !== 'setting' || stored.patient === null) {
      await repository.touchChecked(stored.type, stored.id, clock());
      return { version: stored, issues };
    }
    return { version: (await write(consent, stored.patient, stored)) ?? stored, issues };
  };

  /** A Consent that PVK has and the store may not: made, or held against what is stored. */
  const learn = async (
    consent: Consent,
    patient: string,
    told: Told,
  ): Promise<{ readonly version: StoredVersion | undefined; readonly issues: readonly Issue[] }> => {
    const definition = definitionOf(consent);
    const live =
      definition === undefined ? undefined : await repository.liveByKey(uniqueKeyOf(patient, definition));
    if (live !== undefined) return takeOver(live, told);
    const identifier = await patients.identifierOf(patient);
    const named: Consent = {
      ...consent,
      patient: {
        reference: `Patient/${patient}`,
        type: 'Patient',
        ...(identifier === undefined ? {} : { identifier }),
      },
    };
    return { version: await write(named, patient, undefined), issues: [] };
  };

  /** Sjekk for a stored Consent; undefined when it names nothing that PVK could be asked about. */
  const check = async (
    stored: StoredVersion,
    requestId: string,
  ): Promise<Result<{ readonly version: StoredVersion; readonly issues: readonly Issue[] }, Failure>> => {
    const definition = definitionOf(asConsent(JSON.parse(stored.content) as Resource));
    const answer = await ask(definition, stored.patient, requestId);
    if (answer === undefined) return ok({ version: stored, issues: [] });
    if (!answer.ok) return answer;
    return ok(await takeOver(stored, answer.value));
  };

  const ask = async (definition: string | undefined, patient: string | null, requestId: string) => {
    const entry = definition === undefined ? undefined : catalogue.find(definition);
    const identifier = patient === null ? undefined : await patients.identifierOf(patient);
    if (entry?.partKode === undefined || identifier === undefined) return undefined;
    return client.sjekk(
      {
        innbyggerFnr: identifier.value,
        definisjonGuid: entry.guid,
        definisjonNavn: entry.navn,
        partKode: entry.partKode,
      },
      contextOf(requestId),
    );
  };

  /** The version that holds now; PVK is asked when it was last confirmed longer ago than the setting says. */
  const version = async (
    stored: StoredVersion,
    requestId: string,
  ): Promise<Result<StoredVersion, Failure>> => {
    if (stored.type !== 'Consent' || stored.checkedAt === null) return ok(stored);
    if (clock() - stored.checkedAt < parts.refreshAge) return ok(stored);
    const checked = await check(stored, requestId);
    return checked.ok ? ok(checked.value.version) : checked;
  };

  /** Sjekk for one patient and definition, stored or not. Never set is not stored: PVK says `aktiv: false`. */
  const byDefinition = async (
    patient: string,
    definition: string,
    requestId: string,
  ): Promise<Result<readonly Issue[], Failure>> => {
    const live = await repository.liveByKey(uniqueKeyOf(patient, definition));
    if (live !== undefined) {
      const checked = await check(live, requestId);
      return checked.ok ? ok(checked.value.issues) : checked;
    }
    const entry = catalogue.find(definition);
    const identifier = await patients.identifierOf(patient);
    const answer = await ask(definition, patient, requestId);
    if (answer === undefined || entry === undefined || identifier === undefined) return ok([]);
    if (!answer.ok) return answer;
    if (!answer.value.aktiv) return ok([]);
    const told = fromStatus(answer.value, { entry, innbyggerFnr: identifier.value });
    const learnt = await learn(told.consent, patient, answer.value);
    return ok([...told.issues, ...learnt.issues]);
  };

  return { version, byDefinition, learn, takeOver, write, contextOf };
};
