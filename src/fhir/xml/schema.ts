import { alternativesOf, contentOf, contentOfType, labelOf } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';
import { type Literal, literalOf } from './literals.ts';

/** The namespace of every element of a resource (https://hl7.org/fhir/R4/xml.html). */
export const FHIR = 'http://hl7.org/fhir';

/** The namespace of a narrative's `div`. */
export const XHTML = 'http://www.w3.org/1999/xhtml';

/**
 * How a JSON member stands in XML.
 * - `attribute`: an attribute of the element around it (`id` of datatypes, `url` of Extension)
 * - `primitive`: an element with a `value` attribute; `_name` gives its id and extensions
 * - `object`: an element with elements
 * - `resource`: an element that holds one resource, by the name of its type
 * - `xhtml`: the narrative's `div`, as it is
 */
type Form = 'attribute' | 'primitive' | 'object' | 'resource' | 'xhtml';

/** One alternative of an element: the same name in JSON and in XML. */
export interface Member {
  readonly name: string;
  /** FHIRPath's name: `value` of `valueString`. */
  readonly label: string;
  /** Its place among the elements around it; the alternatives of a choice share one. */
  readonly order: number;
  readonly repeats: boolean;
  readonly form: Form;
  /** What the value of a primitive is in JSON, when it is no string. */
  readonly literal: Literal | undefined;
  /** What is inside it: of a primitive that is `Element` (id and extensions). */
  readonly content: () => ObjectType;
}

/** The members that an object of some type may have, by name. */
export type ObjectType = ReadonlyMap<string, Member>;

/**
 * R4's definitions as XML needs them: which members there are, and in what order. Types are worked out when
 * they are first met and then kept; most never are.
 */
export class Schema {
  private readonly definitions: Definitions;
  private readonly types = new Map<string, ObjectType>();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
  }

  /** The members of a resource type; undefined where it is not bundled (or abstract). */
  resource(name: string): ObjectType | undefined {
    if (!Object.hasOwn(this.definitions.types, name)) return undefined;
    const type = this.definitions.types[name];
    if (type?.kind !== 'resource' || type.abstract === true) return undefined;
    return this.type(name, contentOfType(this.definitions, name).path);
  }

  private type(name: string, path: string): ObjectType {
    const key = `${name} ${path}`;
    const known = this.types.get(key);
    if (known !== undefined) return known;
    const members = new Map<string, Member>();
    const elements = this.definitions.types[name]?.elements ?? [];
    elements.forEach((element, order) => {
      if (element.path.slice(0, element.path.lastIndexOf('.')) !== path) return;
      for (const member of this.membersOf(name, path, element, order)) members.set(member.name, member);
    });
    this.types.set(key, members);
    return members;
  }

  private membersOf(
    owner: string,
    path: string,
    element: ElementDefinition,
    order: number,
  ): readonly Member[] {
    const label = labelOf(element.path);
    const repeats = element.max === '*' || Number(element.max ?? '1') > 1;
    return alternativesOf(element).map(({ name, type }) => {
      const code = type?.code;
      const form = this.formOf(element, code);
      const inside =
        form === 'primitive'
          ? contentOfType(this.definitions, 'Element')
          : contentOf(this.definitions, { type: owner, path }, element, code);
      let content: ObjectType | undefined;
      return {
        name,
        label,
        order,
        repeats,
        form,
        literal: literalOf(code),
        content: () => {
          content ??= this.type(inside.type, inside.path);
          return content;
        },
      };
    });
  }

  private formOf(element: ElementDefinition, code: string | undefined): Form {
    if (element.representation === 'xmlAttr') return 'attribute';
    if (code === undefined) return 'object';
    if (code === 'xhtml' || code === 'Resource') return code === 'xhtml' ? 'xhtml' : 'resource';
    const kind = this.definitions.types[code]?.kind;
    // `Bundle.entry.response.outcome` names the one type of resource that it holds.
    if (kind === 'resource') return 'resource';
    return kind === 'primitive-type' ? 'primitive' : 'object';
  }
}
