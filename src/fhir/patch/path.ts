import {
  type FhirPathAtom,
  FunctionAtom,
  LiteralAtom,
  parseFhirPath,
  SymbolAtom,
  UnionAtom,
} from '@medplum/core';
import { fail, ok, type Result } from '../../result.ts';

/** A parsed path, or a part of one. */
export type Atom = FhirPathAtom['child'];

/** Characters; paths of people and programs are far shorter. */
const MAX_PATH = 2000;

/**
 * The functions that a path may use: those that choose elements, and in criteria those that look at a value.
 * None of them makes a collection grow, so that a path costs no more than its length times the resource; one
 * with `combine`, `repeat` or a pattern (`matches`) can run for hours.
 */
const ALLOWED = new Set(
  (
    'where select ofType as extension first last tail skip take single exists empty not all count hasValue is ' +
    'startsWith endsWith contains lower upper length substring indexOf toString toInteger toDecimal toDateTime ' +
    'toDate now today'
  ).split(' '),
);

/** Every atom of an expression. */
const atomsIn = (value: unknown): readonly object[] => {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(atomsIn)];
};

const isLiteral = (atom: Atom): boolean =>
  atom instanceof LiteralAtom || (atom instanceof UnionAtom && isLiteral(atom.left) && isLiteral(atom.right));

/** Why an atom may not be in a path. */
const objectionTo = (atom: object): string | undefined => {
  if (atom instanceof FunctionAtom && !ALLOWED.has(atom.name)) {
    // The name is the client's text.
    const name = /^[A-Za-z]{1,24}$/.test(atom.name) ? `${atom.name}()` : 'a function';
    return `uses ${name}, which is not allowed`;
  }
  if (atom instanceof SymbolAtom && atom.name.startsWith('%')) return 'uses a variable, which is not allowed';
  return atom instanceof UnionAtom && !isLiteral(atom) ? 'unites elements, which is not allowed' : undefined;
};

/** Parses a path. Failure: what is wrong with it, without quoting it: it may hold an identity number. */
export const parsePath = (path: string): Result<Atom, string> => {
  if (path.length > MAX_PATH) return fail(`is longer than ${MAX_PATH} characters`);
  try {
    const { child } = parseFhirPath(path);
    const objection = atomsIn(child)
      .map(objectionTo)
      .find((one) => one !== undefined);
    return objection === undefined ? ok(child) : fail(objection);
  } catch {
    return fail('is not FHIRPath');
  }
};
