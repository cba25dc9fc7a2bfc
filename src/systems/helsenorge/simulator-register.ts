import { fail, ok, type Result } from '../../result.ts';
import type { SimulatorState } from '../simulation/state.ts';

export interface NamedPerson {
  readonly nummer: string;
  readonly navn: string;
}

/** A citizen's setting for one definition, as the simulated register keeps it. Times in milliseconds. */
export interface Instance {
  readonly aktiv: boolean;
  /** 1 for the first value, one more for each real change. */
  readonly sekvensnummer: number;
  readonly opprettet: number;
  readonly sistEndret: number;
  readonly navngittHelseperson: readonly NamedPerson[];
  /** The citizen's time limits as sent, JSON text of a list. */
  readonly perioder?: string;
  readonly tidspunkt?: number;
  /** SHA-256 of the signed proof's base64, base64url: the proof itself is not kept. */
  readonly bevisHash?: string;
}

/** An active instance in a list, with its place in it. */
export interface ListedInstance {
  readonly innbyggerFnr: string;
  readonly instance: Instance;
  readonly position: number;
}

export interface ActivePage {
  readonly entries: readonly ListedInstance[];
  /** Where the next page starts; 0 when there is none. */
  readonly next: number;
}

/** The register of settings; GUIDs in lower case. */
export interface PvkRegister {
  find(innbyggerFnr: string, definisjonGuid: string): Promise<Instance | undefined>;
  /** The active instances of a citizen among these definitions, by GUID. */
  activeOf(innbyggerFnr: string, guids: readonly string[]): Promise<ReadonlyMap<string, Instance>>;
  /** A page of a definition's active instances, after the position that the last page named (0: the first). */
  activeFor(definisjonGuid: string, after: number, size: number): Promise<ActivePage>;
  /**
   * Changes one instance: `decide` says what it becomes, undefined for no change; it runs again when another
   * writer was faster, so that no change is lost. Succeeds with whether it changed; fails with `busy` when
   * others are faster too often.
   */
  change(
    innbyggerFnr: string,
    definisjonGuid: string,
    decide: (current: Instance | undefined) => Instance | undefined,
  ): Promise<Result<boolean, 'busy'>>;
}

const MAX_TRIES = 256;
const KEYS_PER_READ = 90;
const ROWS_PER_READ = 500;
const PREFIX = 'pi/';

const keyOf = (innbyggerFnr: string, guid: string): string => `${PREFIX}${guid}/${innbyggerFnr}`;

// Only `change` writes these values.
const parse = (text: string): Instance => JSON.parse(text) as Instance;

export const createPvkRegister = (state: SimulatorState): PvkRegister => {
  const activeAfter = async (prefix: string, after: number, size: number): Promise<ListedInstance[]> => {
    const found: ListedInstance[] = [];
    let position = after;
    for (;;) {
      const rows = await state.list(prefix, position, Math.min(ROWS_PER_READ, 2 * size));
      for (const row of rows) {
        position = row.position;
        const instance = parse(row.value);
        if (!instance.aktiv) continue;
        found.push({ innbyggerFnr: row.key.slice(prefix.length), instance, position });
        if (found.length >= size) return found;
      }
      if (rows.length === 0) return found;
    }
  };

  return {
    async find(innbyggerFnr, guid) {
      const text = await state.get(keyOf(innbyggerFnr, guid));
      return text === undefined ? undefined : parse(text);
    },
    async activeOf(innbyggerFnr, guids) {
      const active = new Map<string, Instance>();
      for (let start = 0; start < guids.length; start += KEYS_PER_READ) {
        const some = guids.slice(start, start + KEYS_PER_READ);
        const values = await state.getMany(some.map((guid) => keyOf(innbyggerFnr, guid)));
        for (const guid of some) {
          const text = values.get(keyOf(innbyggerFnr, guid));
          const instance = text === undefined ? undefined : parse(text);
          if (instance?.aktiv === true) active.set(guid, instance);
        }
      }
      return active;
    },
    async activeFor(guid, after, size) {
      // One more than the page holds tells whether another page follows.
      const found = await activeAfter(`${PREFIX}${guid}/`, after, size + 1);
      const entries = found.slice(0, size);
      return { entries, next: found.length > size ? (entries.at(-1)?.position ?? 0) : 0 };
    },
    async change(innbyggerFnr, guid, decide) {
      const key = keyOf(innbyggerFnr, guid);
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const before = await state.get(key);
        const after = decide(before === undefined ? undefined : parse(before));
        if (after === undefined) return ok(false);
        if (await state.compareAndSet(key, before, JSON.stringify(after))) return ok(true);
      }
      return fail('busy');
    },
  };
};
