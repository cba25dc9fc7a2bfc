import type { ResourceEntry, ResourceKind } from './entry.ts';

/** What only the facade holds. A Patient's id is the index's, whatever else is kept of it. */
const OWN_KINDS: ReadonlySet<ResourceKind> = new Set(['Organization', 'extra']);

/** FACADE_UPDATE_CREATE=on: clients may give ids, but of nothing that a national system is told. */
export const withUpdateCreate = (entry: ResourceEntry): ResourceEntry =>
  OWN_KINDS.has(entry.kind) && entry.write !== undefined && entry.write.system === undefined
    ? { ...entry, updateCreate: true }
    : entry;
