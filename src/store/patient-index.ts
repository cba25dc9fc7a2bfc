import type { Patient } from '@medplum/fhirtypes';
import { type Clock, type Database, type Statement, sql } from '../ports.ts';
import type { Repository } from './repository.ts';
import { textOf } from './rows.ts';
import type { Guard, IndexRows } from './types.ts';

/** An identifier as FHIR writes it: a system URI and a value in it. */
interface SystemValue {
  readonly system: string;
  readonly value: string;
}

/** What the index needs of the key ring. */
interface IndexKeys {
  /** A keyed hash under every key that is still read, newest key first. */
  hashAll(use: 'index', text: string): readonly string[] | Promise<readonly string[]>;
}

/**
 * National identity numbers to the logical ids of their Patients. Numbers are given canonical system and
 * normalised value: one Patient for each such pair.
 */
export interface PatientIndex {
  /** Logical id of the Patient with this number; undefined when it has none yet. */
  find(identifier: SystemValue): Promise<string | undefined>;
  /** The same, made when there is none: a random id and a Patient that holds nothing but the number. */
  findOrMake(identifier: SystemValue): Promise<string>;
  /**
   * Enters a number under an id that a Patient is about to be created with; the id that holds the number, which is
   * another one when it was entered before. For a full Patient store, whose Patients are created by clients.
   */
  claim(identifier: SystemValue, id: string): Promise<string>;
  /**
   * Enters every Patient under the newest key, so that an older one may be retired; the number of entries made.
   * To be run when several keys are read.
   */
  rekey(): Promise<number>;
  /** The number of a Patient that this index made; undefined for any other id. */
  identifierOf(patientId: string): Promise<SystemValue | undefined>;
}

export interface PatientIndexParts {
  readonly db: Database;
  readonly repository: Repository;
  readonly keys: IndexKeys;
  readonly clock: Clock;
  /** Systems of national identity numbers; a Patient may have other identifiers beside. */
  readonly isPersonSystem: (system: string) => boolean;
}

const NOTHING_INDEXED: IndexRows = { token: [], reference: [], date: [], string: [], uri: [] };

/** Patients read at a time. */
const PAGE = 200;

/**
 * Under every key at once or not at all: an instance that only knows the old key and one that already has
 * the new one must agree on the id.
 */
const CLAIM =
  'insert into patient_index (key, id) select value, ? from json_each(?) ' +
  'where not exists (select 1 from patient_index where key in (select value from json_each(?)))';

const isSystemValue = (value: unknown): value is SystemValue =>
  typeof value === 'object' &&
  value !== null &&
  'system' in value &&
  typeof value.system === 'string' &&
  'value' in value &&
  typeof value.value === 'string';

const patientOf = (id: string, identifier: SystemValue, at: number): Patient => ({
  resourceType: 'Patient',
  id,
  meta: { versionId: '1', lastUpdated: new Date(at).toISOString() },
  identifier: [{ system: identifier.system, value: identifier.value }],
});

export const createPatientIndex = ({
  db,
  repository,
  keys,
  clock,
  isPersonSystem,
}: PatientIndexParts): PatientIndex => {
  const keysOf = (identifier: SystemValue) =>
    keys.hashAll('index', `${identifier.system}|${identifier.value}`);

  const findByKeys = async (hashes: readonly string[]): Promise<string | undefined> => {
    const [row] = await db.query(
      sql(
        'select id from patient_index where key in (select value from json_each(?)) limit 1',
        JSON.stringify(hashes),
      ),
    );
    return row === undefined ? undefined : textOf(row, 'id');
  };

  const makeStatements = (hashes: readonly string[], identifier: SystemValue): readonly Statement[] => {
    const id = crypto.randomUUID();
    const at = clock();
    const list = JSON.stringify(hashes);
    const guard: Guard = { sql: 'exists (select 1 from patient_index where id = ?)', params: [id] };
    const version = {
      type: 'Patient',
      id,
      version: 1,
      lastUpdated: at,
      deleted: false,
      method: 'POST' as const,
      content: JSON.stringify(patientOf(id, identifier, at)),
      patient: id,
      owner: null,
      checkedAt: null,
      uniqueKey: null,
      index: NOTHING_INDEXED,
    };
    return [sql(CLAIM, id, list, list), ...repository.versionStatements(version, guard)];
  };

  const identifierOf: PatientIndex['identifierOf'] = async (patientId) => {
    const stored = await repository.read('Patient', patientId);
    if (stored === undefined || stored.deleted) return undefined;
    const resource = JSON.parse(stored.content) as Partial<Patient>;
    const identifier = resource.identifier
      ?.filter(isSystemValue)
      .find(({ system }) => isPersonSystem(system));
    return identifier && { system: identifier.system, value: identifier.value };
  };

  return {
    async find(identifier) {
      return findByKeys(await keysOf(identifier));
    },

    async findOrMake(identifier) {
      const hashes = await keysOf(identifier);
      const found = await findByKeys(hashes);
      if (found !== undefined) return found;
      await db.batch(makeStatements(hashes, identifier));
      const made = await findByKeys(hashes);
      if (made === undefined) throw new Error('the patient index lost an entry');
      return made;
    },

    async claim(identifier, id) {
      const hashes = await keysOf(identifier);
      const list = JSON.stringify(hashes);
      await db.batch([sql(CLAIM, id, list, list)]);
      return (await findByKeys(hashes)) ?? id;
    },

    async rekey() {
      let made = 0;
      for (let after = ''; ; ) {
        const rows = await db.query(
          sql(`select id from resource where type = 'Patient' and id > ? order by id limit ?`, after, PAGE),
        );
        for (const row of rows) {
          after = textOf(row, 'id');
          const identifier = await identifierOf(after);
          const [newest] = identifier === undefined ? [] : await keysOf(identifier);
          if (newest === undefined) continue;
          const [result] = await db.batch([
            sql(
              'insert into patient_index (key, id) values (?, ?) on conflict (key) do nothing',
              newest,
              after,
            ),
          ]);
          made += result?.changes ?? 0;
        }
        if (rows.length < PAGE) return made;
      }
    },

    identifierOf,
  };
};
