import { BY_SYNTAX } from '../definitions/by-syntax.ts';
import { alternativesOf, INLINE, labelOf, lastOf } from '../definitions/elements.ts';
import type {
  Definitions,
  ElementDefinition,
  ElementType,
  TypeDefinition,
  ValueSets,
} from '../definitions/types.ts';
import { checkCoded } from './coded.ts';
import { compileInvariant, type Invariant } from './invariants.ts';
import { type Check, checkObject, listOf, type Member, type ObjectNode, one } from './members.ts';
import {
  extensionsOfList,
  extensionsOfOne,
  primitiveCheck,
  primitiveListOf,
  primitiveOne,
  refuseCompanion,
} from './primitive-members.ts';
import { checkReference } from './references.ts';
import type { Walk } from './walk.ts';

/** What stands beyond a compiled type: how to check a resource inside, and known extensions. */
export interface Surroundings {
  readonly checkContained: Check;
  readonly checkNested: Check;
  readonly checkExtension: Check;
}

/**
 * Turns R4's definitions into nodes of closures, each when it is first needed and then kept: types refer to
 * each other in circles, and most of them are never met.
 */
export class Compiler {
  private readonly nodes = new Map<string, ObjectNode>();
  private readonly codes = new Map<string, ReadonlySet<string>>();
  readonly resourceTypes: ReadonlySet<string>;
  readonly definitions: Definitions;
  private readonly valueSets: ValueSets;
  private readonly surroundings: Surroundings;

  constructor(definitions: Definitions, valueSets: ValueSets, surroundings: Surroundings) {
    this.definitions = definitions;
    this.valueSets = valueSets;
    this.surroundings = surroundings;
    this.resourceTypes = this.codesOf('http://hl7.org/fhir/ValueSet/resource-types') ?? new Set();
  }

  /** The node of a type, or of an element inside it that has elements of its own. */
  node(typeName: string, path?: string): ObjectNode {
    const key = `${typeName} ${path ?? ''}`;
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const type = this.definitions.types[typeName];
    const root = type?.elements.find((element) => element.path === (path ?? type.elements[0]?.path));
    if (type === undefined || root === undefined) throw new Error(`No definition of ${path ?? typeName}`);
    const node: ObjectNode = {
      isResource: path === undefined && type.kind === 'resource',
      members: new Map(),
      required: [],
      choices: [],
      invariants: this.invariantsOf(root, path === undefined ? typeName : 'BackboneElement', []),
      ...(typeName === 'Extension' && path === undefined ? { also: this.surroundings.checkExtension } : {}),
    };
    this.nodes.set(key, node);
    this.addMembers(node, typeName, type, root.path);
    return node;
  }

  private addMembers(node: ObjectNode, typeName: string, type: TypeDefinition, parent: string): void {
    for (const element of type.elements) {
      if (element.path.slice(0, element.path.lastIndexOf('.')) === parent)
        this.addElement(node, typeName, element);
    }
  }

  private addElement(node: ObjectNode, typeName: string, element: ElementDefinition): void {
    const alternatives = alternativesOf(element);
    const label = labelOf(element.path);
    const isChoice = element.path.endsWith('[x]');
    if (isChoice) node.choices.push({ label, names: alternatives.map(({ name }) => name) });
    const choice = isChoice ? 1 << (node.choices.length - 1) : 0;
    for (const { name, type } of alternatives) {
      for (const [member, check] of this.membersOf(typeName, element, label, name, type)) {
        node.members.set(member, { check, choice });
      }
    }
    if ((element.min ?? 0) > 0) {
      const names = alternatives.flatMap(({ name }) => [name, `_${name}`]);
      node.required.push({ label, names, min: element.min ?? 0, first: names[0] ?? label });
    }
  }

  /** The JSON members of one alternative: the value, and beside a primitive its `_` companion. */
  private membersOf(
    typeName: string,
    element: ElementDefinition,
    label: string,
    name: string,
    type: ElementType | undefined,
  ): readonly (readonly [string, Member['check']])[] {
    const max = element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max ?? '1');
    const repeats = max > 1;
    const code = type?.code;
    if (code !== undefined && this.definitions.types[code]?.kind === 'primitive-type') {
      const check = primitiveCheck(code, label, this.codesFor(element));
      const invariants = this.invariantsOf(element, code, []);
      // What XML says by an attribute, or as XHTML, has no place there for an id and extensions.
      if (element.representation !== undefined || code === 'xhtml') {
        return [
          [name, primitiveOne(label, check, invariants)],
          [`_${name}`, refuseCompanion(label, name)],
        ];
      }
      const extension = this.checkOf('Element');
      return repeats
        ? [
            [name, primitiveListOf(label, name, check, invariants)],
            [`_${name}`, extensionsOfList(label, name, extension)],
          ]
        : [
            [name, primitiveOne(label, check, invariants)],
            [`_${name}`, extensionsOfOne(label, name, extension)],
          ];
    }
    const check = this.elementCheck(typeName, element, type);
    const invariants = this.ownInvariants(element, type);
    return [[name, repeats ? listOf(label, max, check, invariants) : one(label, max, check, invariants)]];
  }

  /** The check of an element's value by its type. */
  private elementCheck(typeName: string, element: ElementDefinition, type: ElementType | undefined): Check {
    if (element.contentReference !== undefined) return this.checkOf(typeName, element.contentReference);
    if (type === undefined) throw new Error(`${element.path} has no type`);
    if (type.code === 'Resource') {
      return lastOf(element.path) === 'contained'
        ? this.surroundings.checkContained
        : this.surroundings.checkNested;
    }
    if (INLINE.has(type.code)) return this.checkOf(typeName, element.path);
    const check = this.checkOf(this.narrowed(type));
    if (type.code === 'CodeableConcept') return this.withCodes(check, element);
    return type.code === 'Reference' ? this.withTargets(check, type) : check;
  }

  private withCodes(check: Check, { binding }: ElementDefinition): Check {
    const codes = binding?.strength === 'required' ? this.valueSets[binding.valueSet] : undefined;
    return binding === undefined || codes === undefined ? check : checkCoded(check, binding.valueSet, codes);
  }

  /** `Quantity` narrowed to `SimpleQuantity`: a profile that R4 itself uses like a type. */
  private narrowed(type: ElementType): string {
    return type.profiles?.find((profile) => profile in this.definitions.types) ?? type.code;
  }

  private withTargets(check: Check, type: ElementType): Check {
    const targets = type.targets === undefined ? undefined : new Set(type.targets);
    const target = checkReference(this.resourceTypes, targets);
    return (value, walk) => {
      check(value, walk);
      target(value, walk);
    };
  }

  /** Checks by a node that is compiled when it is first met. */
  private checkOf(typeName: string, path?: string): Check {
    let node: ObjectNode | undefined;
    return (value: unknown, walk: Walk) => {
      node ??= this.node(typeName, path);
      checkObject(node, value, walk);
    };
  }

  /** What an element asks beyond what its type, or the element whose content it shares, asks anyway. */
  private ownInvariants(element: ElementDefinition, type: ElementType | undefined): readonly Invariant[] {
    if (type === undefined || INLINE.has(type.code)) return [];
    const asked = this.definitions.types[this.narrowed(type)]?.elements[0]?.constraints ?? [];
    return this.invariantsOf(element, type.code, asked);
  }

  private invariantsOf(
    element: ElementDefinition,
    type: string,
    asked: readonly string[],
  ): readonly Invariant[] {
    return (element.constraints ?? []).flatMap((key) => {
      const rule = this.definitions.constraints[key];
      return rule === undefined || asked.includes(key) ? [] : [compileInvariant(key, rule, type)];
    });
  }

  private codesFor(element: ElementDefinition) {
    const { binding } = element;
    if (binding?.strength !== 'required') return undefined;
    const codes = this.codesOf(binding.valueSet);
    const syntax = BY_SYNTAX[binding.valueSet]?.pattern;
    if (codes !== undefined)
      return { valueSet: binding.valueSet, codes, has: (code: string) => codes.has(code) };
    if (syntax !== undefined) return { valueSet: binding.valueSet, has: (code: string) => syntax.test(code) };
    throw new Error(`No codes of ${binding.valueSet}`);
  }

  private codesOf(valueSet: string): ReadonlySet<string> | undefined {
    const known = this.codes.get(valueSet);
    if (known !== undefined) return known;
    const listed = this.valueSets[valueSet];
    if (listed === undefined) return undefined;
    const codes = new Set(Object.values(listed).flat());
    this.codes.set(valueSet, codes);
    return codes;
  }
}
