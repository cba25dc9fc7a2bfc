import fc from 'fast-check';
import {
  alternativesOf,
  type Content,
  contentOf,
  contentOfType,
} from '../../../src/fhir/definitions/elements.ts';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import type { ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import { Num } from './json.ts';

/** Makes resources from R4's definitions: any element, any choice, any text, with and without extensions. */

type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

type Made = Record<string, unknown>;

/** What XML 1.0 can say. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((drawn) => drawn.replace(NOT_XML, '')),
  fc.constantFrom(
    '&amp;',
    '<a b="c">',
    ']]>',
    '\'"',
    ' a  b ',
    'a\r\nb\tc',
    '\u0085\u2028',
    '😀',
    '2.50',
    'null',
  ),
);

const divs = fc.constantFrom(
  '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
  '<div xmlns="http://www.w3.org/1999/xhtml"><p class=\'x\'>&#xE5; &amp; <br />\n <b>x</b></p><!-- c --></div>',
  '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x</h:p></h:div>',
  '<div xmlns="http://www.w3.org/1999/xhtml" id="d"><pre><![CDATA[1 < 2]]></pre></div>',
);

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  decimal: fc
    .stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/)
    .map((source) => new Num(source)),
  integer: fc.integer().map((value) => new Num(String(value))),
  positiveInt: fc.integer({ min: 1 }).map((value) => new Num(String(value))),
  unsignedInt: fc.nat().map((value) => new Num(String(value))),
  xhtml: divs,
};

const DEEPEST = 4;

const isPrimitive = (code: string | undefined): boolean =>
  code !== undefined && DEFINITIONS.types[code]?.kind === 'primitive-type';

class Maker {
  private readonly draw: Draw;
  private readonly resources: readonly string[];

  constructor(draw: Draw, resources: readonly string[]) {
    this.draw = draw;
    this.resources = resources;
  }

  resource(name: string, depth: number): Made {
    return { resourceType: name, ...this.object(contentOfType(DEFINITIONS, name), depth) };
  }

  private object(content: Content, depth: number): Made {
    const made: Made = {};
    for (const element of DEFINITIONS.types[content.type]?.elements ?? []) {
      const parent = element.path.slice(0, element.path.lastIndexOf('.'));
      if (parent !== content.path || element.max === '0') continue;
      if (this.draw(fc.integer({ min: 0, max: 3 + depth })) > 0) continue;
      this.add(made, content, element, depth);
    }
    // An element is never empty; every datatype and backbone element may have an id.
    if (Object.keys(made).length === 0 && DEFINITIONS.types[content.path]?.kind !== 'resource') {
      made['id'] = 'x';
    }
    return made;
  }

  private add(made: Made, content: Content, element: ElementDefinition, depth: number): void {
    const { name, type } = this.draw(fc.constantFrom(...alternativesOf(element)));
    const code = type?.code;
    const repeats = element.max === '*';
    if (element.representation === 'xmlAttr' || code === 'xhtml') {
      made[name] = this.draw(PRIMITIVES[code ?? ''] ?? text);
    } else if (isPrimitive(code)) {
      this.addPrimitive(made, name, code ?? '', repeats, depth);
    } else if (depth < DEEPEST) {
      const make = (): unknown => this.inside(content, element, code, depth + 1);
      made[name] = repeats ? this.listOf(make) : make();
    }
  }

  private inside(
    content: Content,
    element: ElementDefinition,
    code: string | undefined,
    depth: number,
  ): unknown {
    if (code === 'Resource') return this.resource(this.draw(fc.constantFrom(...this.resources)), depth);
    // `Bundle.entry.response.outcome` names the type of its resource.
    return code !== undefined && DEFINITIONS.types[code]?.kind === 'resource'
      ? this.resource(code, depth)
      : this.object(contentOf(DEFINITIONS, content, element, code), depth);
  }

  private listOf(make: () => unknown): readonly unknown[] {
    return Array.from({ length: this.draw(fc.integer({ min: 1, max: 3 })) }, make);
  }

  /** A value, its companion, or both; `null` where one of several lacks one. */
  private addPrimitive(made: Made, name: string, code: string, repeats: boolean, depth: number): void {
    const items = this.listOf(() => {
      const has = this.draw(fc.constantFrom('value', 'value', 'both', 'companion'));
      return [
        has === 'companion' ? null : this.draw(PRIMITIVES[code] ?? text),
        has === 'value' ? null : this.object(contentOfType(DEFINITIONS, 'Element'), depth + 1),
      ];
    }).filter(Array.isArray);
    for (const [place, member] of [name, `_${name}`].entries()) {
      const drawn: readonly unknown[] = items.map((item) => item[place]);
      if (!repeats && drawn[0] !== null) made[member] = drawn[0];
      if (repeats && drawn.some((value) => value !== null)) made[member] = drawn;
    }
  }
}

/** A resource of one of the types; `inside` are those that may be contained in it. */
export const resourceOf = (name: string, inside: readonly string[], draw: Draw): Made =>
  new Maker(draw, inside).resource(name, 0);
