import { type CodeIndex, codeIndex } from './codes.ts';
import type { Parsed } from './faults.ts';
import type { HeaderSettings } from './settings.ts';
import type { HeaderProvenance, OrganizationInformation, SystemInformation } from './values.ts';

/**
 * Remembers what a raw text meant. Bounded: when full, the oldest entry goes. Only good values are kept, so
 * that a client which sends rubbish cannot push out what the others use. Values must be frozen.
 */
export const createMemo = <V>(
  cap: number,
  parse: (raw: string) => Parsed<V>,
): ((raw: string) => Parsed<V>) => {
  const known = new Map<string, Parsed<V>>();
  return (raw) => {
    const before = known.get(raw);
    if (before !== undefined) return before;
    const now = parse(raw);
    if (!now.ok) return now;
    if (known.size >= cap) {
      const oldest = known.keys().next();
      if (oldest.done !== true) known.delete(oldest.value);
    }
    known.set(raw, now);
    return now;
  };
};

/** What is worked out once for a settings object. */
export interface Prepared {
  readonly codes: CodeIndex;
  readonly userAgent: (raw: string) => Parsed<SystemInformation>;
  readonly orgInfo: (raw: string) => Parsed<OrganizationInformation>;
  readonly provenance: (raw: string) => Parsed<HeaderProvenance>;
}

const prepared = new WeakMap<HeaderSettings, Prepared>();

/** How each value is parsed; handed in, so that this file needs to know no header. */
export type Parsers = {
  readonly [K in 'userAgent' | 'orgInfo' | 'provenance']: (
    raw: string,
    settings: HeaderSettings,
  ) => ReturnType<Prepared[K]>;
};

/** Entries kept: systems are few, workplaces more; a Provenance is large and often written only once. */
const CAP = { userAgent: 256, orgInfo: 2048, provenance: 512 } as const;

/** The prepared form of these settings, made at their first use. */
export const prepare = (settings: HeaderSettings, parsers: Parsers): Prepared => {
  const before = prepared.get(settings);
  if (before !== undefined) return before;
  const now: Prepared = {
    codes: codeIndex(settings.codes),
    userAgent: createMemo(CAP.userAgent, (raw) => parsers.userAgent(raw, settings)),
    orgInfo: createMemo(CAP.orgInfo, (raw) => parsers.orgInfo(raw, settings)),
    provenance: createMemo(CAP.provenance, (raw) => parsers.provenance(raw, settings)),
  };
  prepared.set(settings, now);
  return now;
};
