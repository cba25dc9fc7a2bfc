import fc from 'fast-check';

/** Declarations that are in force, by prefix; `''` is the default namespace. */
type Scope = Readonly<Record<string, string>>;

const PREFIXES = ['', 'a', 'b', 'c'];
const URIS = ['urn:1', 'urn:2', 'urn:3'];

/** How one character of a text may be written. */
const written = (character: string, way: number): string => {
  const code = character.codePointAt(0) ?? 0;
  const mustEscape = '&<>"\'\r\n\t'.includes(character);
  if (way === 0 || (mustEscape && way !== 1)) return `&#${code};`;
  if (way === 1 && mustEscape) return `&#x${code.toString(16)};`;
  return character;
};

const text = fc
  .array(fc.tuple(fc.constantFrom(...'aå😀 &<>"\'\r\n\t'), fc.nat(3)), { maxLength: 6 })
  .map((characters) => characters.map(([character, way]) => written(character, way)).join(''));

const cdata = fc
  .stringMatching(/^[a-z<&"> ]{0,5}$/)
  .map((content) => `<![CDATA[${content.replaceAll(']', '')}]]>`);

interface Plan {
  readonly prefix: string;
  readonly local: string;
  readonly declarations: readonly (readonly [string, string])[];
  readonly attributes: readonly (readonly [string, string, string])[];
  readonly children: readonly (Plan | string)[];
}

const plan = fc.letrec<{ element: Plan }>((tie) => ({
  element: fc.record({
    prefix: fc.constantFrom(...PREFIXES),
    local: fc.constantFrom('e', 'f', 'Ö'),
    declarations: fc.uniqueArray(fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom('', ...URIS)), {
      selector: ([prefix]) => prefix,
      maxLength: 3,
    }),
    attributes: fc.uniqueArray(
      fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom('x', 'y', 'z'), text),
      // Two prefixes may stand for one namespace: the local names differ, so that no attribute stands twice.
      { selector: ([, local]) => local, maxLength: 3 },
    ),
    children: fc.array(
      fc.oneof({ maxDepth: 4, withCrossShrink: true }, text, cdata, fc.constant('\n  '), tie('element')),
      { maxLength: 4 },
    ),
  }),
})).element;

/** Writes a plan; a prefix that is not in force is declared where it is used. */
const print = (element: Plan, around: Scope, extra = ''): string => {
  const scope: Record<string, string> = { ...around };
  const declared = new Map<string, string>();
  for (const [prefix, uri] of element.declarations) {
    if (prefix !== '' && uri === '') continue;
    declared.set(prefix, uri);
    scope[prefix] = uri;
  }
  for (const prefix of [element.prefix, ...element.attributes.map(([one]) => one)]) {
    if (prefix === '' || scope[prefix] !== undefined) continue;
    declared.set(prefix, 'urn:1');
    scope[prefix] = 'urn:1';
  }
  const qualified = (prefix: string, local: string) => (prefix === '' ? local : `${prefix}:${local}`);
  const name = qualified(element.prefix, element.local);
  const attributes = element.attributes.map(
    ([prefix, local, value]) => ` ${qualified(prefix, local)}="${value}"`,
  );
  const declarations = [...declared].map(
    ([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}='${uri}'`,
  );
  const content = element.children
    .map((child) => (typeof child === 'string' ? child : print(child, scope)))
    .join('');
  return `<${name}${attributes.join('\n ')}${extra}${declarations.join('')} >${content}</${name}>`;
};

/**
 * Documents that mean little and are written in every way that means the same: declarations anywhere, taken back,
 * repeated and unused; attributes in any order; references, CDATA and white space.
 *
 * @param extra attributes of the root, e.g. ` ID="_1"`
 */
export const xmlDocument = (extra = ''): fc.Arbitrary<string> => plan.map((root) => print(root, {}, extra));
