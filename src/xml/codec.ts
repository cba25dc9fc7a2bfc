import { fail, ok, type Result } from '../result.ts';
import type { TextType } from './codec-text.ts';
import {
  attributeOf,
  EMPTY_SCOPE,
  elementsOf,
  isElement,
  textOf,
  type XmlAttribute,
  type XmlElement,
  type XmlNode,
} from './tree.ts';

/**
 * Messages as data. One description gives the type of a message, its serializer (element order, namespaces) and
 * its parser: namespace-aware, by name, with every fault and its path.
 */

/** A namespace as it is written, and others that mean the same when read. */
export interface Vocabulary {
  readonly uri: string;
  /** `''`: the default namespace. */
  readonly prefix: string;
  readonly also?: readonly string[];
}

/** Names of an element: the first is written, all are read. */
export type LocalNames = string | readonly [string, ...string[]];

/** Why a message is not read. No value of the message is in it. */
export interface CodecFault {
  /** E.g. `/treatmentRelationRequestBody/PatientCpr`. */
  readonly path: string;
  readonly kind: 'root' | 'missing' | 'repeated' | 'unexpected' | 'order' | 'text' | 'value';
  readonly expected: string;
}

export interface ReadOptions {
  /** What to do with elements that no description names: leave them out and tell, or refuse. */
  readonly unknown?: 'tell' | 'refuse';
  /** `strict` also demands the order of the description. */
  readonly order?: 'any' | 'strict';
}

/** A read in the making. */
export interface Reading extends Required<ReadOptions> {
  readonly faults: CodecFault[];
  /** Paths of what was left out. */
  readonly left: string[];
}

export interface Written {
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
}

/** What is in an element. */
export interface Content<T> {
  write(value: T): Written;
  /** Undefined only after a fault. */
  read(element: XmlElement, path: string, reading: Reading): T | undefined;
}

/** A part of a sequence; `wanted` is false where its value may be absent. */
export interface Field<T, Wanted extends boolean = boolean> {
  readonly wanted: Wanted;
  readonly place: 'element' | 'attribute' | 'text';
  /** Whether this child element is the field's. */
  owns(child: XmlElement): boolean;
  write(value: T): Written;
  read(parent: XmlElement, path: string, reading: Reading): T | undefined;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type KeysWhere<F extends Fields, Wanted extends boolean> = {
  [K in keyof F]: F[K] extends Field<unknown, Wanted> ? K : never;
}[keyof F];
type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The type that a sequence of fields describes. */
export type SequenceValue<F extends Fields> = {
  readonly [K in KeysWhere<F, true>]: ValueOf<F[K]>;
} & { readonly [K in KeysWhere<F, false>]?: ValueOf<F[K]> };

/** The type that a description describes. */
export type Described<C> = C extends Content<infer T> ? T : C extends Message<infer T> ? T : never;

const NOTHING: Written = { attributes: [], children: [] };

/** Whether the element has one of these names in the vocabulary. */
export const isOf = (vocabulary: Vocabulary, names: readonly string[], element: XmlElement): boolean =>
  names.includes(element.local) &&
  (element.namespace === vocabulary.uri || vocabulary.also?.includes(element.namespace) === true);

/** The names as a list. */
export const listOf = (names: LocalNames): readonly [string, ...string[]] =>
  typeof names === 'string' ? [names] : names;

/** An element of the vocabulary with these contents. */
export const elementFor = (vocabulary: Vocabulary, local: string, written: Written): XmlElement => ({
  prefix: vocabulary.prefix,
  local,
  namespace: vocabulary.uri,
  scope: EMPTY_SCOPE,
  ...written,
});

/** Notes a fault. */
export const told = (
  reading: Reading,
  kind: CodecFault['kind'],
  path: string,
  expected: string,
): undefined => {
  reading.faults.push({ path, kind, expected });
  return undefined;
};

const readText = <T>(type: TextType<T>, text: string | undefined, path: string, reading: Reading) => {
  if (text === undefined) return told(reading, 'text', path, type.expected);
  const value = type.parse(text.trim());
  return value === undefined ? told(reading, 'value', path, type.expected) : value;
};

/** An element that holds a text. */
export const simple = <T>(type: TextType<T>): Content<T> => ({
  write: (value) => {
    const text = type.print(value);
    return { attributes: [], children: text === '' ? [] : [text] };
  },
  read: (element, path, reading) => readText(type, textOf(element), path, reading),
});

/** An element kept as it is. */
export const anything: Content<XmlElement> = {
  write: ({ attributes, children }) => ({ attributes, children }),
  read: (element) => element,
};

/** An element that holds others, in this order, and attributes. */
export const sequence = <F extends Fields>(fields: F): Content<SequenceValue<F>> => {
  const entries = Object.entries(fields);

  const judge = (element: XmlElement, path: string, reading: Reading): void => {
    let reached = 0;
    for (const child of elementsOf(element)) {
      const at = entries.findIndex(([, field]) => field.owns(child));
      if (at === -1) {
        if (reading.unknown === 'tell') reading.left.push(`${path}/${child.local}`);
        else told(reading, 'unexpected', `${path}/${child.local}`, 'no such element');
      } else if (at < reached && reading.order === 'strict') {
        told(reading, 'order', `${path}/${child.local}`, 'another order of the elements');
      } else reached = at;
    }
    const hasText = element.children.some((child) => !isElement(child) && child.trim() !== '');
    if (hasText && !entries.some(([, { place }]) => place === 'text')) {
      told(reading, 'text', path, 'no text between the elements');
    }
  };

  return {
    write: (value) => {
      const parts = entries.map(([key, field]) => {
        const one: unknown = Reflect.get(value, key);
        return one === undefined ? NOTHING : field.write(one);
      });
      return {
        attributes: parts.flatMap((part) => part.attributes),
        children: parts.flatMap((part) => part.children),
      };
    },
    read: (element, path, reading) => {
      const before = reading.faults.length;
      judge(element, path, reading);
      const value: Record<string, unknown> = {};
      for (const [key, field] of entries) {
        const one = field.read(element, path, reading);
        if (one !== undefined) value[key] = one;
      }
      // Every field has either put in its value, or may be absent, or has told a fault.
      return reading.faults.length > before ? undefined : (value as SequenceValue<F>);
    },
  };
};

const none = (): boolean => false;

/** An attribute without a namespace that must be there. */
export const attribute = <T>(local: string, type: TextType<T>): Field<T, true> => ({
  ...optionalAttribute(local, type),
  wanted: true,
  read: (element, path, reading) =>
    attributeOf(element, local) === undefined
      ? told(reading, 'missing', `${path}/@${local}`, type.expected)
      : readText(type, attributeOf(element, local), `${path}/@${local}`, reading),
});

/** An attribute without a namespace that may be left out. */
export const optionalAttribute = <T>(local: string, type: TextType<T>): Field<T, false> => ({
  wanted: false,
  place: 'attribute',
  owns: none,
  write: (value) => ({
    attributes: [{ prefix: '', local, namespace: '', value: type.print(value) }],
    children: [],
  }),
  read: (element, path, reading) => {
    const text = attributeOf(element, local);
    return text === undefined ? undefined : readText(type, text, `${path}/@${local}`, reading);
  },
});

/** The text of the element itself, beside its attributes. */
export const ownText = <T>(type: TextType<T>): Field<T, true> => ({
  wanted: true,
  place: 'text',
  owns: none,
  write: (value) => simple(type).write(value),
  read: (element, path, reading) => readText(type, textOf(element), path, reading),
});

/** What was read, and the paths of elements that no description names. */
export interface Read<T> {
  readonly value: T;
  readonly left: readonly string[];
}

/** A whole message: its root element and what is in it. */
export interface Message<T> {
  readonly name: string;
  /** Whether the element is this message's root. */
  is(element: XmlElement): boolean;
  write(value: T): XmlElement;
  /** Every fault at once. */
  read(element: XmlElement, options?: ReadOptions): Result<Read<T>, readonly CodecFault[]>;
}

export const message = <T>(vocabulary: Vocabulary, name: string, content: Content<T>): Message<T> => {
  const is = (element: XmlElement): boolean => isOf(vocabulary, [name], element);
  return {
    name,
    is,
    write: (value) => elementFor(vocabulary, name, content.write(value)),
    read: (element, { unknown = 'tell', order = 'any' } = {}) => {
      const path = `/${name}`;
      if (!is(element)) return fail([{ path: '/', kind: 'root', expected: `${name} in ${vocabulary.uri}` }]);
      const reading: Reading = { unknown, order, faults: [], left: [] };
      const value = content.read(element, path, reading);
      return value === undefined || reading.faults.length > 0
        ? fail(reading.faults)
        : ok({ value, left: reading.left });
    },
  };
};
