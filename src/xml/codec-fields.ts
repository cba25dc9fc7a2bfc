import {
  type Content,
  elementFor,
  type Field,
  isOf,
  type LocalNames,
  listOf,
  type Reading,
  told,
  type Vocabulary,
} from './codec.ts';
import { elementsOf, type XmlElement } from './tree.ts';

/** The fields of one namespace: a child element, a list of them, a choice among them. */
export interface Inside {
  one<T>(names: LocalNames, content: Content<T>): Field<T, true>;
  optional<T>(names: LocalNames, content: Content<T>): Field<T, false>;
  /** At least `least` (0 unless said). */
  many<T>(names: LocalNames, content: Content<T>, least?: number): Field<readonly T[], true>;
  /** Exactly one child, whose name says the kind. */
  choice<Kind extends string, T>(
    kinds: Readonly<Record<Kind, LocalNames>>,
    content: Content<T>,
  ): Content<{ readonly kind: Kind; readonly value: T }>;
}

interface Among {
  readonly owns: (child: XmlElement) => boolean;
  readonly first: string;
}

const single = <T>({ owns, first }: Among, content: Content<T>, wanted: boolean) => ({
  place: 'element' as const,
  owns,
  read: (parent: XmlElement, path: string, reading: Reading): T | undefined => {
    const [found, ...more] = elementsOf(parent).filter(owns);
    const here = `${path}/${first}`;
    if (more.length > 0) return told(reading, 'repeated', here, 'one element');
    if (found !== undefined) return content.read(found, here, reading);
    return wanted ? told(reading, 'missing', here, 'one element') : undefined;
  },
});

/** Makes fields of this vocabulary: `const { one, many } = inside(BRS);`. */
export const inside = (vocabulary: Vocabulary): Inside => {
  const among = (names: LocalNames): Among => {
    const all = listOf(names);
    return { owns: (child) => isOf(vocabulary, all, child), first: all[0] };
  };
  const child = <T>(local: string, content: Content<T>, value: T): XmlElement =>
    elementFor(vocabulary, local, content.write(value));
  return {
    one: (names, content) => ({
      ...single(among(names), content, true),
      wanted: true,
      write: (value) => ({ attributes: [], children: [child(among(names).first, content, value)] }),
    }),
    optional: (names, content) => ({
      ...single(among(names), content, false),
      wanted: false,
      write: (value) => ({ attributes: [], children: [child(among(names).first, content, value)] }),
    }),
    many: (names, content, least = 0) => {
      const { owns, first } = among(names);
      return {
        wanted: true,
        place: 'element',
        owns,
        write: (values) => ({
          attributes: [],
          children: values.map((value) => child(first, content, value)),
        }),
        read: (parent, path, reading) => {
          const found = elementsOf(parent).filter(owns);
          if (found.length < least) {
            return told(reading, 'missing', `${path}/${first}`, `${least} or more elements`);
          }
          return found.flatMap((one, at) => content.read(one, `${path}/${first}[${at + 1}]`, reading) ?? []);
        },
      };
    },
    choice: (kinds, content) => choiceOf(vocabulary, kinds, content),
  };
};

const choiceOf = <Kind extends string, T>(
  vocabulary: Vocabulary,
  kinds: Readonly<Record<Kind, LocalNames>>,
  content: Content<T>,
): Content<{ readonly kind: Kind; readonly value: T }> => {
  // The keys of this table are its kinds.
  const known = Object.keys(kinds) as Kind[];
  const expected = `one of ${known.map((kind) => listOf(kinds[kind])[0]).join(', ')}`;
  return {
    write: ({ kind, value }) => ({
      attributes: [],
      children: [elementFor(vocabulary, listOf(kinds[kind])[0], content.write(value))],
    }),
    read: (element, path, reading) => {
      const [found, ...more] = elementsOf(element);
      if (found === undefined) return told(reading, 'missing', path, expected);
      if (more.length > 0) return told(reading, 'repeated', path, expected);
      const kind = known.find((one) => isOf(vocabulary, listOf(kinds[one]), found));
      if (kind === undefined) return told(reading, 'unexpected', `${path}/${found.local}`, expected);
      const value = content.read(found, `${path}/${found.local}`, reading);
      return value === undefined ? undefined : { kind, value };
    },
  };
};
