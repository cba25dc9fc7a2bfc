import { DotAtom, SymbolAtom } from '@medplum/core';
import { type Failure, failure, type Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { DEFINITIONS } from '../definitions/index.ts';
import type { Definitions } from '../definitions/types.ts';
import { isPrimitive, itemsOf, presentIn, type Slot, setItems, slotOf } from './elements.ts';
import { copyOfMembers, isDeeperThan, isMembers, MAX_JSON_DEPTH, type MutableObject } from './json-value.ts';
import { Locator, type Node, PathFault } from './locate.ts';
import { expressionOf, type PatchOperation, type PatchType, parseOperations } from './operations.ts';
import type { Atom } from './path.ts';
import { refuseTouched } from './protected.ts';
import { fitValue } from './values.ts';

/** More than any client sends; each one costs a look at the whole resource. */
const MAX_OPERATIONS = 200;

/** Members that the criteria of one patch may look at; about a microsecond each. */
const MAX_CRITERIA = 500_000;

/** Why an operation cannot be done, where PathFault does not say enough. */
class Refusal extends Error {
  readonly code: Issue['code'];

  constructor(code: Issue['code'], why: string) {
    super(why);
    this.code = code;
  }
}

/** The one element of a path; undefined when there is none. */
const findOne = (locator: Locator, path: Atom): Node | undefined => {
  const found = locator.find(path);
  if (found.length > 1) throw new Refusal('multiple-matches', `its path leads to ${found.length} elements`);
  return found[0];
};

const findExisting = (locator: Locator, path: Atom): Node => {
  const found = findOne(locator, path);
  if (found === undefined) throw new Refusal('not-found', 'its path leads to no element');
  return found;
};

/** The object below a node that can be written to; of a primitive its companion, made when it has none. */
const writable = (locator: Locator, node: Node): MutableObject => {
  const known = locator.membersOf(node);
  if (known !== undefined) return known;
  if (node.place === undefined || !isPrimitive(locator.definitions, node.type)) {
    throw new Refusal('structure', 'its path leads to something that has no elements');
  }
  const companion: MutableObject = {};
  writeItems(locator, node, (items, index) =>
    items.map((item, at) => (at === index ? { ...item, companion } : item)),
  );
  return companion;
};

type Items = ReturnType<typeof itemsOf>;

/** Rewrites the items among which a node stands. */
const writeItems = (locator: Locator, node: Node, change: (items: Items, index: number) => Items): void => {
  const { place } = node;
  if (place === undefined) throw new Refusal('business-rule', 'its path leads to the resource itself');
  const parent = writable(locator, place.parent);
  setItems(parent, place.name, change(itemsOf(parent, place.name), place.index), place.slot.repeats);
};

const slotIn = (locator: Locator, node: Node, name: string): Slot => {
  const slot = slotOf(locator.definitions, node.content, name);
  if (slot === undefined) throw new Refusal('structure', 'R4 has no element of that name there');
  return slot;
};

/** The list that a path names, which may have no elements yet: the element before the last name, and that name. */
const listAt = (locator: Locator, atom: Atom): { readonly node: Node; readonly slot: Slot } => {
  const last = atom instanceof DotAtom ? atom.right : atom;
  if (!(last instanceof SymbolAtom)) {
    throw new Refusal('invalid', 'its path has to end in the name of a list');
  }
  const nodes = atom instanceof DotAtom ? locator.find(atom.left) : [locator.root];
  const [node] = nodes;
  if (node === undefined) throw new Refusal('not-found', 'its path leads to no element');
  if (nodes.length > 1) throw new Refusal('multiple-matches', `its path leads to ${nodes.length} lists`);
  const slot = slotIn(locator, node, last.name);
  if (!slot.repeats) throw new Refusal('invalid', 'its path leads to an element that is no list');
  return { node, slot };
};

const add = (locator: Locator, { path, name, value }: PatchOperation): void => {
  const node = findExisting(locator, path);
  const slot = slotIn(locator, node, name);
  const fitted = fitValue(locator.definitions, slot, value);
  const parent = writable(locator, node);
  const whole = slotOf(locator.definitions, node.content, slot.element.path.replace(/^.*\./, '')) ?? slot;
  if (!slot.repeats && presentIn(parent, whole) !== undefined) {
    throw new Refusal('business-rule', 'the element is there already and does not repeat');
  }
  setItems(parent, fitted.name, [...itemsOf(parent, fitted.name), fitted.item], slot.repeats);
};

const insert = (locator: Locator, { path, index, value }: PatchOperation): void => {
  const { node, slot } = listAt(locator, path);
  const fitted = fitValue(locator.definitions, slot, value);
  const parent = writable(locator, node);
  const items = itemsOf(parent, fitted.name);
  if (index > items.length) {
    throw new Refusal('value', `its index ${index} is beyond the list, which has ${items.length}`);
  }
  setItems(parent, fitted.name, items.toSpliced(index, 0, fitted.item), true);
};

const replace = (locator: Locator, { path, value }: PatchOperation): void => {
  const node = findExisting(locator, path);
  const { place } = node;
  if (place === undefined) throw new Refusal('business-rule', 'its path leads to the resource itself');
  const fitted = fitValue(locator.definitions, place.slot, value);
  if (fitted.name === place.name) {
    writeItems(locator, node, (items, index) => items.with(index, fitted.item));
    return;
  }
  // Another type of a choice, which never repeats, stands in another member.
  const parent = writable(locator, place.parent);
  setItems(parent, place.name, [], false);
  setItems(parent, fitted.name, [fitted.item], false);
};

/** Removes an element, and what is left empty around it: R4 has no empty elements. */
const drop = (locator: Locator, node: Node): void => {
  writeItems(locator, node, (items, index) => items.toSpliced(index, 1));
  const above = node.place?.parent;
  if (above?.place === undefined) return;
  const left = Object.keys(writable(locator, above)).length;
  if (left > 0) return;
  const isValue = isPrimitive(locator.definitions, above.type) && above.value !== undefined;
  if (!isValue) drop(locator, above);
  else writeItems(locator, above, (items, index) => items.with(index, { value: above.value }));
};

const remove = (locator: Locator, { path }: PatchOperation): void => {
  const node = findOne(locator, path);
  if (node === undefined) return;
  if (node.place === undefined) throw new Refusal('business-rule', 'its path leads to the resource itself');
  drop(locator, node);
};

const move = (locator: Locator, { path, source, destination }: PatchOperation): void => {
  const { node, slot } = listAt(locator, path);
  const parent = locator.membersOf(node);
  const present = parent && presentIn(parent, slot);
  const items = parent === undefined || present === undefined ? [] : itemsOf(parent, present.name);
  const moved = items[source];
  if (parent === undefined || present === undefined || moved === undefined || destination >= items.length) {
    throw new Refusal('value', `its source or destination is beyond the list, which has ${items.length}`);
  }
  setItems(parent, present.name, items.toSpliced(source, 1).toSpliced(destination, 0, moved), true);
};

const RUN: Readonly<Record<PatchType, (locator: Locator, operation: PatchOperation) => void>> = {
  add,
  insert,
  delete: remove,
  replace,
  move,
};

/** Does one operation. Failure: `unprocessable`, naming it. */
const run = (locator: Locator, operation: PatchOperation, at: number): Failure | undefined => {
  try {
    RUN[operation.type](locator, operation);
    return undefined;
  } catch (error) {
    if (!(error instanceof PathFault) && !(error instanceof Refusal)) throw error;
    const code = error instanceof Refusal ? error.code : 'invalid';
    const diagnostics = `Operation ${at} (${operation.type}) cannot be done: ${error.message}.`;
    return failure('unprocessable', code, diagnostics, { expression: [expressionOf(at)] });
  }
};

/**
 * Applies a FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html), all of it or nothing; neither argument is
 * changed. A path may choose among elements (names, indexes, `where`, `first`, `ofType`, `extension` …); what
 * computes new values is no path into the resource. `insert` and `move` name a list by the path of its element.
 *
 * @param parameters the parsed body
 * @param definitions those of the resource's type
 * @returns the patched resource, not validated yet. Failures: `malformed` with every fault of the Parameters;
 *   `unprocessable` for the first operation (numbered from 0) that cannot be done or that touches `id`,
 *   `meta.versionId` or `meta.lastUpdated`. Neither paths nor values are ever repeated.
 */
export const applyFhirPathPatch = (
  resource: object,
  parameters: unknown,
  definitions: Definitions = DEFINITIONS,
): Result<object, Failure> => {
  if (!isMembers(parameters) || isDeeperThan(parameters, 2 * MAX_JSON_DEPTH)) {
    return fail(failure('malformed', 'structure', 'A FHIRPath Patch is a Parameters resource.'));
  }
  const operations = parseOperations(parameters);
  if (!operations.ok) return fail({ kind: 'malformed', issues: operations.failure });
  if (operations.value.length > MAX_OPERATIONS) {
    return fail(failure('unprocessable', 'too-costly', `At most ${MAX_OPERATIONS} operations in one patch.`));
  }
  const before: MutableObject = { ...resource };
  const work = copyOfMembers(resource);
  const locator = new Locator(work, definitions, { left: MAX_CRITERIA });
  for (const [at, operation] of operations.value.entries()) {
    const refused =
      run(locator, operation, at) ??
      refuseTouched(before, work, `Operation ${at} (${operation.type})`, expressionOf(at));
    if (refused !== undefined) return fail(refused);
  }
  return ok(work);
};
