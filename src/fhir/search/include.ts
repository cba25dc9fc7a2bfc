import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Include } from '../../store/search-request.ts';
import { queryIssue } from './issues.ts';
import type { SearchParameter } from './parameters.ts';
import { openTypes, type Related } from './related.ts';

/** An include as it was asked for: the parameter's name and one value of it. */
export interface AskedInclude {
  /** `_include` or `_revinclude`, with or without `:iterate`. */
  readonly name: string;
  readonly value: string;
  /** Type that is searched. */
  readonly type: string;
}

const FORM = 'takes Type:parameter, Type:parameter:Target or Type:*';

const refused = (name: string, diagnostics: string, code: Issue['code'] = 'not-supported') =>
  fail(queryIssue(code, name.split(':')[0] ?? name, diagnostics));

/** `*` alone stands for all references of the type that is searched. */
const partsOf = ({ name, value, type }: AskedInclude): readonly string[] | undefined => {
  if (value === '*' && name.startsWith('_include')) return [type, '*'];
  const parts = value.split(':');
  return parts.length >= 2 && parts.length <= 3 && parts.every((part) => part !== '') ? parts : undefined;
};

const referencesOf = (related: Related, type: string, code: string): readonly SearchParameter[] =>
  related
    .parametersOf(type)
    .filter((param) => param.type === 'reference' && (code === '*' || param.code === code));

/** Types that the parameters may point at; none: any. */
const targetsOf = (params: readonly SearchParameter[], target: string | undefined): readonly string[] => {
  if (target !== undefined) return [target];
  return params.some((param) => param.target.length === 0)
    ? []
    : [...new Set(params.flatMap((param) => param.target))];
};

const pointsAt = (param: SearchParameter, type: string): boolean =>
  param.target.length === 0 || param.target.includes(type);

/** One value of `_include` or `_revinclude`; failure: what is wrong with it, without the value. */
export const includeOf = (asked: AskedInclude, related: Related): Result<Include, Issue> => {
  const { name, type } = asked;
  const parts = partsOf(asked);
  if (parts === undefined) return refused(name, `The parameter ${name} ${FORM}.`, 'value');
  const [source = '', code = '', target] = parts;
  if (!related.types.includes(source)) return refused(name, `The parameter ${name} names an unknown type.`);
  const all = referencesOf(related, source, code);
  const iterate = name.endsWith(':iterate');
  const reverse = name.startsWith('_revinclude');
  const aim = target ?? (reverse && !iterate ? type : undefined);
  const params = aim === undefined ? all : all.filter((param) => pointsAt(param, aim));
  if (params.length === 0) {
    const known = referencesOf(related, source, '*').map((param) => param.code);
    return refused(
      name,
      `The parameter ${name} names no such reference of ${source}. Known are: ${known.join(', ')}.`,
    );
  }
  const { open, closed } = openTypes(related, reverse ? [source] : targetsOf(params, target));
  if (open.length === 0 && !closed) {
    return refused(name, `The parameter ${name} leads to no type that this server has.`);
  }
  if (open.length === 0) {
    return refused(name, `The parameter ${name} leads to nothing that this caller may search.`, 'forbidden');
  }
  const canonical = params.filter((param) => param.canonical).map((param) => param.code);
  return ok({
    direction: reverse ? 'reverse' : 'forward',
    source,
    params: params.map((param) => param.code),
    ...(canonical.length > 0 ? { canonical } : {}),
    yields: open,
    ...(reverse && target !== undefined ? { target } : {}),
    iterate,
  });
};
