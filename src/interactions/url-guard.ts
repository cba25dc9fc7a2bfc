import { type Failure, failure } from '../failure.ts';
import type { PersonNumbers } from './server.ts';

/**
 * Parameters that address a person: a value of a person number's shape in one of them is refused even without
 * a system.
 */
const ADDRESSES_A_PERSON =
  /^(patient|subject|actor|agent|author|consentor|performer|practitioner|individual|entity|person)\b/;

const decodeOr = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

const holdsPersonNumber = (persons: PersonNumbers, type: string, name: string, value: string): boolean => {
  const addresses =
    ADDRESSES_A_PERSON.test(name) ||
    /:(Patient|Practitioner|RelatedPerson)\b/.test(name) ||
    (type === 'Patient' && /^(identifier|_id)\b/.test(name));
  return value.split(',').some((one) => {
    const bar = one.indexOf('|');
    if (bar >= 0 && persons.isPersonSystem(one.slice(0, bar).trim())) return bar + 1 < one.length;
    const bare = (bar >= 0 ? one.slice(bar + 1) : one).replace(/^.*Patient\//, '').trim();
    return addresses && (bar <= 0 || one.slice(0, bar) === '') && persons.looksLikePersonNumber(bare);
  });
};

const refusal = (where: string): Failure =>
  failure(
    'malformed',
    'security',
    `${where} holds what looks like a national identity number, and URLs end up in logs. ` +
      'Find the Patient with POST /fhir/Patient/_search and use its id, or search with POST _search.',
    { location: [`http.${where}`] },
  );

/**
 * A person's national identity number in a URL is refused, and not repeated: as a token of a person-number
 * system in any parameter, modifier or chain; without a system where a person is addressed; as a Patient's id.
 *
 * @param search the URL's query with its `?`, or ''
 */
export const refusePersonNumbers = (
  persons: PersonNumbers,
  type: string,
  id: string | undefined,
  search: string,
): Failure | undefined => {
  if (type === 'Patient' && id !== undefined && persons.looksLikePersonNumber(decodeOr(id))) {
    return refusal('URL');
  }
  if (search.length < 2) return undefined;
  for (const part of search.slice(1).split('&')) {
    const at = part.indexOf('=');
    const name = decodeOr(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : decodeOr(part.slice(at + 1));
    if (holdsPersonNumber(persons, type, name, value)) {
      return refusal(/^[A-Za-z_.:-]{1,60}$/.test(name) ? name : 'URL');
    }
  }
  return undefined;
};
