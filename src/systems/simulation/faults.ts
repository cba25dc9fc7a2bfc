import { fail, ok, type Result } from '../../result.ts';
import type { SimulatorState } from './state.ts';

/** What may go wrong with any HTTP service; `common-faults.ts` says what each does. */
export const COMMON_FAULT_KINDS = [
  'timeout',
  'slow',
  'reset',
  'lost-reply',
  'http-500',
  'http-503',
  'garbage',
  'truncated',
  'wrong-content-type',
] as const;

export type CommonFaultKind = (typeof COMMON_FAULT_KINDS)[number];

export interface Faults {
  /**
   * Makes the next `count` (at least 1) calls that concern `kind` misbehave, after those already asked for.
   * The documented spelling is accepted too (`EPVK-101500`, `ikkeOk`, `use_dpop_nonce`). An unknown kind or
   * system fails with the kinds that system knows.
   */
  add(
    system: string,
    kind: string,
    count?: number,
  ): Promise<Result<void, { readonly known: readonly string[] }>>;
  /** The fault of this call, taken off the queue: the first one that `concerns` it. Undefined: behave. */
  take(system: string, concerns?: (kind: string) => boolean): Promise<string | undefined>;
  clear(): Promise<void>;
  /** All kinds that a system knows, the common ones first; empty for an unknown system. */
  kinds(system: string): readonly string[];
}

export interface FaultsOptions {
  readonly state: SimulatorState;
  /** Each system's own kinds, in kebab-case. */
  readonly kinds: Readonly<Record<string, readonly string[]>>;
  /**
   * True when several isolates share the state (Workers): it is read for each call. False (one process): it
   * is read once, and a call without a fault costs nothing.
   */
  readonly shared: boolean;
}

interface Queued {
  readonly kind: string;
  readonly count: number;
}

/** `EPVK-101500` → `epvk-101500`, `ikkeOk` → `ikke-ok`, `use_dpop_nonce` → `use-dpop-nonce`. */
const kebab = (kind: string): string =>
  kind
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[\s_]+/g, '-')
    .toLowerCase();

const parseQueue = (text: string | undefined): readonly Queued[] =>
  // Only `add` and `take` below write these values.
  text === undefined ? [] : (JSON.parse(text) as readonly Queued[]);

const without = (queue: readonly Queued[], index: number): readonly Queued[] =>
  queue.flatMap((entry, at) => {
    if (at !== index) return [entry];
    return entry.count > 1 ? [{ kind: entry.kind, count: entry.count - 1 }] : [];
  });

/** The faults asked for, one queue a system; they survive a restart with the rest of the state. */
export const createFaults = ({ state, kinds, shared }: FaultsOptions): Faults => {
  /** The queues as last seen, for `shared: false`. Values, not promises: those do not outlive a request on Workers. */
  const seen = new Map<string, string | undefined>();

  const read = async (system: string): Promise<string | undefined> => {
    if (!shared && seen.has(system)) return seen.get(system);
    const stored = await state.get(system);
    if (!shared) seen.set(system, stored);
    return stored;
  };

  /** Replaces the queue unless somebody else did meanwhile. */
  const replace = async (system: string, before: string | undefined, queue: readonly Queued[]) => {
    const after = JSON.stringify(queue);
    const done = await state.compareAndSet(system, before, after);
    if (done) seen.set(system, after);
    else seen.delete(system);
    return done;
  };

  const known = (system: string): readonly string[] => {
    const own = Object.hasOwn(kinds, system) ? kinds[system] : undefined;
    return own === undefined ? [] : [...new Set([...COMMON_FAULT_KINDS, ...own])];
  };

  return {
    async add(system, kind, count = 1) {
      const name = kebab(kind);
      if (!known(system).includes(name)) return fail({ known: known(system) });
      const entry = { kind: name, count: Math.max(1, Math.trunc(count)) };
      for (;;) {
        const before = await read(system);
        if (await replace(system, before, [...parseQueue(before), entry])) return ok(undefined);
      }
    },
    async take(system, concerns = () => true) {
      for (;;) {
        const before = await read(system);
        if (before === undefined || before === '[]') return undefined;
        const queue = parseQueue(before);
        const index = queue.findIndex((entry) => concerns(entry.kind));
        const entry = queue[index];
        if (entry === undefined) return undefined;
        if (await replace(system, before, without(queue, index))) return entry.kind;
      }
    },
    async clear() {
      seen.clear();
      await state.reset();
    },
    kinds: known,
  };
};
