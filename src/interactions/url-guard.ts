import { type Failure, failure } from '../failure.ts';
import type { PersonNumbers } from './server.ts';

/**
 * Parameters that address a person, or may by any word: a value that holds what has a person number's shape is refused in one of
 * them even without a system.
 */
const ADDRESSES_A_PERSON =
  /^(_text|_content|patient|subject|actor|agent|author|consentor|performer|practitioner|individual|entity|person)\b|:(Patient|Practitioner|RelatedPerson)\b|[.:]identifier\b/;

/** Whoever encodes a value twice has it decoded twice: three times is more than any client does. */
const decoded = (text: string): string => {
  let value = text.replaceAll('+', ' ');
  for (let turn = 0; turn < 3 && value.includes('%'); turn += 1) {
    try {
      value = decodeURIComponent(value);
    } catch {
      return value;
    }
  }
  return value;
};

/** Does a parameter hold a national identity number: by its system, or by its shape where a person is meant? */
export const holdsPersonNumber = (
  persons: PersonNumbers,
  type: string,
  name: string,
  value: string,
): boolean => {
  const tokens = value.split(',').map((one) => one.trim());
  const bySystem = tokens.some((one) => {
    const bar = one.indexOf('|');
    return bar > 0 && bar + 1 < one.length && persons.isPersonSystem(one.slice(0, bar));
  });
  if (bySystem) return true;
  // `system|code|value`: the value stands alone.
  if (name.endsWith(':of-type') && tokens.some((one) => persons.holdsNumber(one.split('|')[2] ?? '')))
    return true;
  const addresses = ADDRESSES_A_PERSON.test(name) || (type === 'Patient' && /^(identifier|_id)\b/.test(name));
  // With a system of its own a value is that system's: organisation numbers look like a person's.
  return (
    addresses && tokens.some((one) => one.indexOf('|') <= 0 && persons.holdsNumber(one.replace('|', '')))
  );
};

const refusal = (where: string): Failure =>
  failure(
    'malformed',
    'security',
    `${where} holds what looks like a national identity number, and URLs end up in logs. ` +
      'Find the Patient with POST /fhir/Patient/_search and use its id, or search with POST _search.',
    { location: [`http.${where}`] },
  );

/** Path below the base, and query, of an absolute URL. */
const partsOf = (url: string): { readonly segments: readonly string[]; readonly query: string } => {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const [path = '', query = ''] = (start < 0 ? '' : url.slice(start)).split('#', 1)[0]?.split('?', 2) ?? [];
  return { segments: path.split('/').slice(2), query };
};

const ABOUT_PATIENT = '/fhir/Patient/';

/**
 * A person's national identity number in a URL is refused, and not repeated: as a token of a person-number
 * system in any parameter, modifier or chain; by its shape where a person is addressed; as a Patient's id.
 * Undefined when the URL may be answered.
 *
 * @param url absolute
 */
export const refusePersonNumbers = (persons: PersonNumbers, url: string): Failure | undefined => {
  if (!url.includes('?') && !url.includes(ABOUT_PATIENT)) return undefined;
  const { segments, query } = partsOf(url);
  const [first = '', ...rest] = segments;
  // A search over several types names them in the query.
  const several = first === '' || first === '_search';
  const type = several && /\b_type=[^&]*Patient/.test(query) ? 'Patient' : first;
  if (type === 'Patient' && rest.some((segment) => persons.holdsNumber(decoded(segment))))
    return refusal('URL');
  for (const part of query === '' ? [] : query.split('&')) {
    const at = part.indexOf('=');
    const name = decoded(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : decoded(part.slice(at + 1));
    if (holdsPersonNumber(persons, type, name, value)) {
      return refusal(/^[A-Za-z_.:-]{1,60}$/.test(name) ? name : 'URL');
    }
  }
  return undefined;
};
