import { type Failure, failure, failureOf } from '../failure.ts';
import type { Interaction, Kinds, ResourceEntry, ResourceKind } from '../resources/entry.ts';
import { type AccessAction, mayDo } from '../security/access.ts';
import type { Caller } from '../security/caller.ts';
import type { StoredVersion } from '../store/types.ts';
import { parseBody, readText } from './body.ts';
import { isOfOtherType, wrongType } from './prepare.ts';
import { resourceOf } from './preview.ts';
import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';

/** A call of a type whose instances are of several kinds (Basic): what of it tells the kind. */
export interface Choosing {
  readonly entry: ResourceEntry;
  readonly kinds: Kinds;
  readonly interaction: Interaction | 'operation';
  readonly access: AccessAction;
  /** The kind that an operation is for. */
  readonly kind?: ResourceKind | undefined;
  readonly request: Request;
  readonly id?: string;
  readonly parameters: Parameters;
  readonly caller: Caller | undefined;
}

/** The entry of the kind that the call is about, or why it is about none; the entry then is the type's own. */
export interface Chosen {
  readonly entry: ResourceEntry;
  readonly refusal?: Failure;
  /** The refusal is about what the resource says; `$validate` tells it as its answer. */
  readonly ofContent?: true;
  /** The id names nothing, or what is of a kind that the caller may not reach: no answer tells which. */
  readonly unseen?: true;
}

/** Interactions whose body is a whole resource that says what it is. */
const BY_BODY: ReadonlySet<Choosing['interaction']> = new Set(['create', 'update', 'operation']);

const isReachable = ({ caller, access }: Choosing, { kind }: ResourceEntry): boolean =>
  caller !== undefined && mayDo(caller, kind, access).ok;

/** Nothing stored tells the kind: the one that this caller could mean, so that its own rules are answered by. */
const ofCaller = (choosing: Choosing): Chosen => {
  const { entries } = choosing.kinds;
  const entry = entries.find((one) => isReachable(choosing, one)) ?? entries[0];
  return { entry: entry ?? choosing.entry };
};

/**
 * Neither a 403 nor another kind's header rules may tell that something is stored, or what. Who may reach no kind at
 * all is refused whatever else it sends, so it is asked for no purpose first.
 */
const unseen = (choosing: Choosing): Chosen => {
  const { entries } = choosing.kinds;
  const entry =
    entries.find((one) => isReachable(choosing, one)) ??
    entries.find(({ patientBound }) => patientBound !== true) ??
    choosing.entry;
  return { entry, unseen: true };
};

/** Of a kind whose system is not configured nothing is offered, whatever is asked of it. */
const offered = (entry: ResourceEntry): Chosen =>
  entry.unconfigured === undefined
    ? { entry }
    : {
        entry,
        refusal: failure(
          'not-implemented',
          'not-supported',
          `${entry.unconfigured} is not configured on this server, so ${entry.kind} is not offered.`,
          { expression: [`${entry.type}.code`] },
        ),
      };

/** A deleted version holds nothing: the one before it tells what it was. */
const contentOf = async (server: Server, stored: StoredVersion): Promise<string> => {
  if (!stored.deleted) return stored.content;
  const before = await server.repository.vread(stored.type, stored.id, stored.version - 1);
  return before?.content ?? '';
};

const byStored = async (server: Server, choosing: Choosing, id: string): Promise<Chosen> => {
  const stored = await server.repository.read(choosing.entry.type, id);
  const content = stored === undefined ? '' : await contentOf(server, stored);
  const of = content === '' ? undefined : choosing.kinds.of(JSON.parse(content) as object);
  return of?.ok === true && isReachable(choosing, of.value) ? offered(of.value) : unseen(choosing);
};

const byBody = async (server: Server, choosing: Choosing): Promise<Chosen> => {
  const { entry, kinds, request } = choosing;
  // The interaction reads the body itself, after the headers have been judged.
  const text = await readText(server.bodies, request.clone());
  const parsed = text.ok ? parseBody(server.bodies, text.value) : text;
  const given = parsed.ok ? resourceOf(parsed.value, entry.type) : parsed;
  if (!given.ok) return { entry, refusal: given.failure };
  if (isOfOtherType(given.value, entry.type)) return { entry, refusal: wrongType(entry.type) };
  const of = kinds.of(given.value);
  if (of.ok) return offered(of.value);
  const structural = server.validate(given.value).filter(({ severity }) => severity === 'error');
  const refusal = failureOf([...structural, ...of.failure.issues]) ?? of.failure;
  return { entry: ofCaller(choosing).entry, refusal, ofContent: true };
};

/** Every kind that the caller may see, by criteria: under the strictest pattern, because it was not said which. */
const several = (choosing: Choosing): Chosen => {
  const reachable = choosing.kinds.entries.filter(
    (one) => one.unconfigured === undefined && isReachable(choosing, one),
  );
  const [first] = reachable;
  if (first === undefined) return ofCaller(choosing);
  const { write: _, profile: _profile, ...general } = choosing.entry;
  const codes = reachable.flatMap(({ narrowedBy = [] }) => narrowedBy.map(([, value]) => value));
  return {
    entry: {
      ...general,
      kind: first.kind,
      ...(reachable.every(({ patientBound }) => patientBound) ? { patientBound: true } : {}),
      narrowedBy: [[choosing.kinds.parameter, codes.join(',')]],
    },
  };
};

const byCriteria = (choosing: Choosing): Chosen => {
  const named = choosing.kinds.named(choosing.parameters);
  return named === undefined ? several(choosing) : offered(named);
};

const needsCode = ({ entry, kinds }: Choosing): Failure =>
  failure(
    'malformed',
    'required',
    `Say with ${kinds.parameter} which kind of ${entry.type} is meant: one of ${kinds.entries.map(({ kind }) => kind).join(', ')}.`,
    { location: [`http.${kinds.parameter}`] },
  );

/** Which kind a call is about: by what is stored, by what it sends, or by what it asks for, in this order. */
export const chooseKind = async (server: Server, choosing: Choosing): Promise<Chosen> => {
  const { id, interaction, parameters, kinds, kind } = choosing;
  const meant = kinds.entries.find((one) => one.kind === kind);
  // The operation itself is not for this caller: that is no news about the id.
  if (meant !== undefined && !isReachable(choosing, meant)) return { entry: meant };
  if (id !== undefined) return byStored(server, choosing, id);
  if (BY_BODY.has(interaction)) return byBody(server, choosing);
  const chosen = byCriteria(choosing);
  // A conditional patch or delete changes one resource: of which kind must be said.
  const changes = interaction === 'patch' || interaction === 'delete';
  const named = kinds.named(parameters);
  return changes && named === undefined ? { ...chosen, refusal: needsCode(choosing) } : chosen;
};
