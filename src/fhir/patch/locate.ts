import {
  AsAtom,
  DotAtom,
  evalFhirPathTyped,
  FhirPathAtom,
  FunctionAtom,
  IndexerAtom,
  SymbolAtom,
  type TypedValue,
} from '@medplum/core';
import { type Content, contentOfType } from '../definitions/elements.ts';
import type { Definitions } from '../definitions/types.ts';
import { NumberLiteral } from '../xml/literals.ts';
import { contentIn, isPrimitive, itemsOf, presentIn, type Slot, slotOf } from './elements.ts';
import { isList, isMembers, type MutableObject, ownMember } from './json-value.ts';
import type { Atom } from './path.ts';

/** An element of a resource, and where it stands. */
export interface Node {
  readonly value: unknown;
  readonly companion?: MutableObject;
  /** Name of its type; an anonymous one has the name `BackboneElement`. */
  readonly type: string;
  readonly content: Content;
  /** Absent for the resource itself. */
  readonly place?: Place;
}

export interface Place {
  readonly parent: Node;
  readonly slot: Slot;
  /** The JSON member. */
  readonly name: string;
  /** Index among the member's items. */
  readonly index: number;
}

/** Why a path cannot be followed; never quotes the path, which may hold an identity number. */
export class PathFault extends Error {}

/** FHIRPath knows numbers as such, not as they were spelled. */
const plain = (value: unknown): unknown => {
  if (value instanceof NumberLiteral) return Number(value.text);
  if (isList(value)) return value.map(plain);
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
};

/** What an argument is evaluated on: it is a literal. */
const NOTHING: TypedValue = { type: 'BackboneElement', value: {} };

/** The members of a value, itself and all below it. */
const weightOf = (value: unknown): number => {
  if (!isList(value) && !isMembers(value)) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + weightOf(member), 1);
};

/** How many members the criteria of a patch may still look at; shared by its operations. */
export interface Budget {
  left: number;
}

/** Finds the elements that a path leads to. */
export class Locator {
  readonly root: Node;
  readonly definitions: Definitions;
  private readonly budget: Budget;

  constructor(resource: MutableObject, definitions: Definitions, budget: Budget) {
    const type = String(ownMember(resource, 'resourceType'));
    this.definitions = definitions;
    this.budget = budget;
    this.root = { value: resource, type, content: contentOfType(definitions, type) };
  }

  /** Throws PathFault when the path is none into the resource. */
  find(atom: Atom, nodes: readonly Node[] = [this.root]): readonly Node[] {
    if (atom instanceof FhirPathAtom) return this.find(atom.child, nodes);
    if (atom instanceof DotAtom) return this.find(atom.right, this.find(atom.left, nodes));
    if (atom instanceof SymbolAtom) return nodes.flatMap((node) => this.step(node, atom.name));
    if (atom instanceof AsAtom) return this.ofType(this.find(atom.left, nodes), atom.right);
    if (atom instanceof IndexerAtom) {
      const index = this.numberOf(atom.expr);
      return this.find(atom.left, nodes).slice(index, index + 1);
    }
    if (atom instanceof FunctionAtom) return this.call(atom, nodes);
    throw new PathFault('the path is an expression that does not lead to an element');
  }

  /** The elements of this name below a node; the node itself for the name of its type. */
  private step(node: Node, name: string): readonly Node[] {
    if (name === '$this') return [node];
    if (node === this.root && [node.type, 'Resource', 'DomainResource'].includes(name)) return [node];
    const slot = slotOf(this.definitions, node.content, name);
    return slot === undefined ? [] : this.elementsIn(node, slot);
  }

  /** The object that holds what is below a node: of a primitive its companion. Undefined: there is none. */
  membersOf({ type, value, companion }: Node): MutableObject | undefined {
    if (isPrimitive(this.definitions, type)) return companion;
    return isMembers(value) ? value : undefined;
  }

  /** The elements that a node has in a slot. */
  elementsIn(parent: Node, slot: Slot): readonly Node[] {
    const object = this.membersOf(parent);
    const present = object && presentIn(object, slot);
    if (object === undefined || present === undefined) return [];
    return itemsOf(object, present.name).map((item, index) => ({
      ...item,
      type: present.type?.code ?? 'BackboneElement',
      content: contentIn(this.definitions, slot, present, item.value),
      place: { parent, slot, name: present.name, index },
    }));
  }

  private call({ name, args }: FunctionAtom, nodes: readonly Node[]): readonly Node[] {
    const run = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    if (run === undefined || args.length !== run.parameters) {
      throw new PathFault('the path uses a function that does not lead to an element, or uses it wrongly');
    }
    const [argument = new SymbolAtom('$this')] = args;
    return run.call(this, nodes, argument);
  }

  ofType(nodes: readonly Node[], type: Atom): readonly Node[] {
    const name = type
      .toString()
      .replace(/^\(?(FHIR\.|System\.)?/, '')
      .replace(/\)$/, '');
    return nodes.filter((node) => node.type === name || node.content.type === name);
  }

  /** True for a criterion that is exactly `true` for the node. */
  holds(node: Node, criterion: Atom): boolean {
    this.budget.left -= weightOf(node.value);
    if (this.budget.left < 0) throw new PathFault('the criteria of the patch look at too many elements');
    const found = this.evaluate(criterion, { type: node.type, value: plain(node.value) });
    return found.length === 1 && found[0]?.value === true;
  }

  numberOf(atom: Atom): number {
    const value = this.valueOf(atom);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw new PathFault('an index in the path is not a whole number');
    }
    return value;
  }

  /** What an argument says; of several values the first. */
  valueOf(atom: Atom): unknown {
    return this.evaluate(atom, NOTHING)[0]?.value;
  }

  private evaluate(atom: Atom, context: TypedValue): readonly TypedValue[] {
    try {
      return evalFhirPathTyped(new FhirPathAtom('', atom), [context]);
    } catch {
      throw new PathFault('a criterion in the path cannot be evaluated');
    }
  }
}

interface PathCall {
  readonly parameters: 0 | 1;
  readonly call: (locator: Locator, nodes: readonly Node[], argument: Atom) => readonly Node[];
}

/** The functions of FHIRPath that choose among elements, so that what they give still has its place. */
const CALLS: Readonly<Record<string, PathCall>> = {
  where: {
    parameters: 1,
    call: (locator, nodes, criterion) => nodes.filter((node) => locator.holds(node, criterion)),
  },
  select: {
    parameters: 1,
    call: (locator, nodes, path) => nodes.flatMap((node) => locator.find(path, [node])),
  },
  ofType: { parameters: 1, call: (locator, nodes, type) => locator.ofType(nodes, type) },
  as: { parameters: 1, call: (locator, nodes, type) => locator.ofType(nodes, type) },
  extension: {
    parameters: 1,
    call: (locator, nodes, argument) => {
      const url = locator.valueOf(argument);
      return locator
        .find(new SymbolAtom('extension'), nodes)
        .filter(({ value }) => isMembers(value) && ownMember(value, 'url') === url);
    },
  },
  first: { parameters: 0, call: (_locator, nodes) => nodes.slice(0, 1) },
  last: { parameters: 0, call: (_locator, nodes) => nodes.slice(-1) },
  tail: { parameters: 0, call: (_locator, nodes) => nodes.slice(1) },
  skip: { parameters: 1, call: (locator, nodes, count) => nodes.slice(locator.numberOf(count)) },
  take: { parameters: 1, call: (locator, nodes, count) => nodes.slice(0, locator.numberOf(count)) },
  single: {
    parameters: 0,
    call: (_locator, nodes) => {
      if (nodes.length > 1) throw new PathFault('single() in the path found several elements');
      return nodes;
    },
  },
};
