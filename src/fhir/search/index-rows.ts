import type { Resource } from '@medplum/fhirtypes';
import type { ComponentValue, CompositeRow, IndexRows } from '../../store/types.ts';
import { fullTextOf } from './full-text.ts';
import {
  datesOf,
  type IndexOptions,
  numbersOf,
  quantitiesOf,
  referencesOf,
  stringsOf,
  tokensOf,
  tokenTextsOf,
  typedIdentifiersOf,
  urisOf,
} from './index-values.ts';
import type { SearchKind, SearchParameter, SimpleKind } from './parameters.ts';

export type { IndexOptions } from './index-values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer R)[] ? R[] : never };
type Rows = Mutable<Required<Omit<IndexRows, 'text'>>>;

type Add = (rows: Rows, param: string, value: unknown, options: IndexOptions) => void;

/** Names in the index for what modifiers look for. */
export const textParam = (param: string): string => `${param}:text`;
export const typedParam = (param: string): string => `${param}:of-type`;

const ADD: Readonly<Record<SimpleKind, Add>> = {
  token(rows, param, value, options) {
    for (const one of tokensOf(value, options)) rows.token.push({ param, ...one });
    for (const one of typedIdentifiersOf(value, options)) {
      rows.token.push({ param: typedParam(param), ...one });
    }
    for (const one of tokenTextsOf(value, options)) rows.string.push({ param: textParam(param), ...one });
  },
  reference(rows, param, value, options) {
    for (const one of referencesOf(value, options)) rows.reference.push({ param, ...one });
  },
  date(rows, param, value, options) {
    for (const one of datesOf(value, options)) rows.date.push({ param, ...one });
  },
  string(rows, param, value, options) {
    for (const one of stringsOf(value, options)) rows.string.push({ param, ...one });
  },
  uri(rows, param, value, options) {
    for (const one of urisOf(value, options)) rows.uri.push({ param, ...one });
  },
  number(rows, param, value, options) {
    for (const one of numbersOf(value, options)) rows.number.push({ param, ...one });
  },
  quantity(rows, param, value, options) {
    for (const one of quantitiesOf(value, options)) rows.quantity.push({ param, ...one });
  },
};

type Component = (value: unknown, options: IndexOptions) => readonly ComponentValue[];

const COMPONENT: Readonly<Record<SimpleKind, Component>> = {
  token: (value, options) => tokensOf(value, options).map((one) => ({ of: 'token', ...one })),
  reference: (value, options) => referencesOf(value, options).map((one) => ({ of: 'reference', ...one })),
  date: (value, options) => datesOf(value, options).map((one) => ({ of: 'date', ...one })),
  string: (value, options) => stringsOf(value, options).map((one) => ({ of: 'string', ...one })),
  uri: (value, options) => urisOf(value, options).map((one) => ({ of: 'uri', ...one })),
  number: (value, options) => numbersOf(value, options).map((one) => ({ of: 'number', ...one })),
  quantity: (value, options) => quantitiesOf(value, options).map((one) => ({ of: 'quantity', ...one })),
};

/** A group is found by all its components or not at all: one that lacks a component leaves no row. */
const groupOf = (
  { code: param, components = [] }: SearchParameter,
  element: unknown,
  group: number,
  resource: Resource,
  options: IndexOptions,
): readonly CompositeRow[] => {
  const found = components.map(({ parameter, select }, component) =>
    select(element, resource).flatMap((value) =>
      COMPONENT[parameter.type](value, options).map((one) => ({ param, group, component, value: one })),
    ),
  );
  return found.some((values) => values.length === 0) ? [] : found.flat();
};

const isSimple = (type: SearchKind): type is SimpleKind => type !== 'composite';

/** The values that a resource is found by. Values that are not R4 leave no row. */
export const indexRows = (
  resource: Resource,
  params: readonly SearchParameter[],
  options: IndexOptions,
): IndexRows => {
  const rows: Rows = {
    token: [],
    reference: [],
    date: [],
    string: [],
    uri: [],
    number: [],
    quantity: [],
    composite: [],
  };
  for (const param of params) {
    const { code, type, select } = param;
    if (select === undefined) continue;
    if (isSimple(type)) for (const value of select(resource)) ADD[type](rows, code, value, options);
    else {
      select(resource).forEach((element, group) => {
        rows.composite.push(...groupOf(param, element, group, resource, options));
      });
    }
  }
  const text = fullTextOf(resource, options);
  return text === undefined ? rows : { ...rows, text };
};
