import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Call } from './call.ts';
import { criteriaOf, matchOne } from './conditional.ts';
import type { Server } from './server.ts';

/** Rewrites every string of a JSON value; what holds none that changes is the same object afterwards. */
const mapStrings = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, one]) => [name, mapStrings(one, change), one] as const);
  if (members.every(([, mapped, one]) => mapped === one)) return value;
  if (Array.isArray(value)) return members.map(([, mapped]) => mapped);
  return Object.fromEntries(members.map(([name, mapped]) => [name, mapped]));
};

/**
 * R4: "the server SHALL replace all matching links in the bundle, whether they are found in the resource ids,
 * resource references, elements of type uri, url, oid, uuid, and <a href="" & <img src="" in the narrative".
 * https://hl7.org/fhir/R4/http.html#transaction
 *
 * @param links full URLs (`urn:uuid:…`) to `Type/id`
 */
export const relink = <T extends object>(resource: T, links: ReadonlyMap<string, string>): T => {
  if (links.size === 0) return resource;
  const change = (text: string): string => {
    const whole = links.get(text);
    if (whole !== undefined) return whole;
    if (!text.includes('="')) return text;
    return text.replace(/(href|src)="([^"]+)"/g, (found, name: string, url: string) => {
      const target = links.get(url);
      return target === undefined ? found : `${name}="${target}"`;
    });
  };
  return mapStrings(resource, change) as T;
};

/** `https://other.example/fhir/Patient/1` as a full URL: the root that relative references beside it are below. */
const ROOT = /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * R4: a relative reference in an entry whose full URL is that of a RESTful server is one below that server's root, and
 * so may name another entry. https://hl7.org/fhir/R4/bundle.html#references
 */
export const relativeLinks = (
  fullUrl: string | undefined,
  links: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const root = ROOT.exec(fullUrl ?? '')?.[1];
  if (root === undefined) return links;
  const below = [...links].flatMap(([url, target]): [string, string][] =>
    url.startsWith(root) ? [[url.slice(root.length), target]] : [],
  );
  return new Map([...links, ...below]);
};

/** Full URLs that only have a meaning within one Bundle. */
const WITHIN = /^urn:(?:uuid|oid):/i;

const danglingAt = (value: unknown, path: string): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one, at) => danglingAt(one, `${path}[${at}]`));
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'reference' && typeof one === 'string' && WITHIN.test(one)
      ? [`${path}.${name}`]
      : danglingAt(one, `${path}.${name}`),
  );
};

/** After linking, a reference to a full URL is one that no entry of the Bundle has: it would lead nowhere. */
export const refuseDangling = (resource: object): Failure | undefined => {
  const places = danglingAt(resource, 'Resource');
  return places.length === 0
    ? undefined
    : failure('unprocessable', 'not-found', 'No entry that the transaction writes has this fullUrl.', {
        expression: places,
      });
};

/** `Type?criteria`, as R4 allows in a transaction's references. */
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(.+)$/;

const conditionalReferences = (value: unknown, found: Set<string>): void => {
  if (Array.isArray(value)) {
    for (const one of value) conditionalReferences(one, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      if (name === 'reference' && typeof one === 'string' && CONDITIONAL.test(one)) found.add(one);
      else conditionalReferences(one, found);
    }
  }
};

const resolveOne = async (
  server: Server,
  call: Pick<Call, 'authority'>,
  reference: string,
): Promise<Result<string, Failure>> => {
  const [, type = '', query = ''] = CONDITIONAL.exec(reference) ?? [];
  const none = (): Result<never, Failure> =>
    fail(
      failure('precondition-failed', 'not-found', `A conditional reference to ${type} matches nothing.`, {
        expression: ['reference'],
      }),
    );
  if (type === 'Patient') {
    const [system = '', value = ''] = (new URLSearchParams(query).get('identifier') ?? '').split('|');
    const number = server.persons.normalise(system, value);
    const id = number.ok ? await server.patients.find(number.value) : undefined;
    return id === undefined ? none() : ok(`Patient/${id}`);
  }
  const entry = server.resources.get(type);
  if (entry === undefined) return none();
  const authority = call.authority === undefined ? {} : { authority: call.authority };
  const match = await matchOne(server, { entry, ...authority }, criteriaOf(query), 'reference');
  if (!match.ok) return match;
  return match.value === undefined ? none() : ok(`${type}/${match.value.id}`);
};

/** References by search become references by id; each must name exactly one resource. */
export const resolveConditional = async <T extends object>(
  server: Server,
  call: Pick<Call, 'authority'>,
  resource: T,
): Promise<Result<T, Failure>> => {
  const found = new Set<string>();
  conditionalReferences(resource, found);
  if (found.size === 0) return ok(resource);
  const links = new Map<string, string>();
  for (const reference of found) {
    const target = await resolveOne(server, call, reference);
    if (!target.ok) return target;
    links.set(reference, target.value);
  }
  return ok(relink(resource, links));
};
