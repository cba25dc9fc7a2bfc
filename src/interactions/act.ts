import type { Pattern } from '../headers/pattern.ts';
import type { Interaction, ResourceEntry, ResourceKind } from '../resources/entry.ts';
import type { AccessAction } from '../security/access.ts';
import type { ScopeAction } from '../security/scopes.ts';
import type { Call } from './call.ts';

/** What a call is going to do, as far as patterns and rights are concerned. */
export interface Act {
  readonly interaction: Call['interaction'];
  readonly pattern: Pattern;
  readonly access: AccessAction;
  readonly scope: ScopeAction;
  /** The one kind of resource that an operation is for, where its type has several. */
  readonly kind?: ResourceKind;
  /** True: faults of what is sent are the answer, not its refusal. */
  readonly validates?: true;
}

const SCOPE_ACTION: Readonly<Record<Interaction, ScopeAction>> = {
  read: 'r',
  vread: 'r',
  'history-instance': 'r',
  'history-type': 's',
  'history-system': 's',
  'search-type': 's',
  create: 'c',
  update: 'u',
  patch: 'u',
  delete: 'd',
};

const WRITES: ReadonlySet<Interaction> = new Set(['create', 'update', 'patch', 'delete']);

/** Pattern 2.3, whatever the resource. */
export const isWrite = (interaction: Interaction): boolean => WRITES.has(interaction);

/** Of more than one resource: for systems alone. */
const HISTORIES: ReadonlySet<Interaction> = new Set(['history-type', 'history-system']);

/** What an interaction is going to do with a resource of this entry. */
export const actOf = (entry: ResourceEntry, interaction: Interaction): Act => ({
  interaction,
  pattern: WRITES.has(interaction) ? '2.3' : entry.pattern,
  access: WRITES.has(interaction) ? 'write' : HISTORIES.has(interaction) ? 'history' : 'read',
  scope: SCOPE_ACTION[interaction],
});
