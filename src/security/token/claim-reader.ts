import type { SystemValue } from '../caller.ts';

/** Verified claims; every value is still as foreign as the issuer that wrote it. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Where a value is among the claims: a member's name as it is (names may hold dots, colons and slashes), or the
 * names on the way down, outermost first.
 */
export type ClaimPath = string | readonly string[];

/** Where an identifier is: a text in the given system, or without one an object `{system, value, name?}`. */
export interface IdentifierClaim {
  readonly claim: ClaimPath;
  readonly system?: string;
}

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The claim's value; undefined when any step of the path is missing. */
export const claimAt = (claims: Claims, path: ClaimPath | undefined): unknown => {
  if (path === undefined) return undefined;
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
};

/** A non-empty text; numbers as their decimal form, since some issuers write identifiers so. */
export const textAt = (claims: Claims, path: ClaimPath | undefined): string | undefined => {
  const value = claimAt(claims, path);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
};

/** The texts of a list, or of a single text; empty when there are none. */
export const textsAt = (claims: Claims, path: ClaimPath | undefined): readonly string[] => {
  const value = claimAt(claims, path);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string').filter((one) => one.trim() !== '');
};

/** DIGG's level from a number (`3`), its text, or a URI that ends in it (`http://id.sambi.se/loa/loa3`). */
export const levelAt = (claims: Claims, path: ClaimPath | undefined): number | undefined => {
  const digit = /(?:^|\D)([0-4])$/.exec(textAt(claims, path) ?? '')?.[1];
  return digit === undefined ? undefined : Number(digit);
};

/** An identifier and the name beside it, if its claim is an object that has one. */
export type NamedIdentifier = SystemValue & { readonly name?: string };

const namedIdentifier = (value: unknown, system: string | undefined): NamedIdentifier | undefined => {
  if (system !== undefined) {
    const text = textAt({ value }, 'value');
    return text === undefined ? undefined : { system, value: text };
  }
  if (!isObject(value)) return undefined;
  const [itsSystem, itsValue, name] = ['system', 'value', 'name'].map((member) => textAt(value, member));
  if (itsSystem === undefined || itsValue === undefined) return undefined;
  return { system: itsSystem, value: itsValue, ...(name === undefined ? {} : { name }) };
};

/** The first of these identifiers that the token carries. */
export const identifierAt = (
  claims: Claims,
  rules: readonly IdentifierClaim[],
): NamedIdentifier | undefined => {
  for (const { claim, system } of rules) {
    const found = namedIdentifier(claimAt(claims, claim), system);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Every identifier of a list, or of a single one. */
export const identifiersAt = (claims: Claims, rules: readonly IdentifierClaim[]): readonly SystemValue[] =>
  rules.flatMap(({ claim, system }) => {
    const value = claimAt(claims, claim);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list
      .map((one) => namedIdentifier(one, system))
      .filter((one) => one !== undefined)
      .map((one) => ({ system: one.system, value: one.value }));
  });
