/** JSON with numbers as they are written: what two texts are compared by. */

export class Num {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? new Num(context?.source ?? '') : value;

/** Parses with every number as its text. */
export const parse = (json: string): unknown => JSON.parse(json, keep);

/** Prints with every {@link Num} as its text. */
export const print = (value: unknown): string => {
  if (value instanceof Num) return value.source;
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${print(member)}`);
  return `{${members.join(',')}}`;
};
