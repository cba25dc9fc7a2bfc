import type { JsonObject } from './encoded-json.ts';
import type { HeaderFault } from './faults.ts';
import { USER_ACRONYM_MAX } from './provenance-rules.ts';

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fault = (code: HeaderFault['code'], text: string): HeaderFault => ({
  kind: 'provenance-invalid',
  text: `X-Provenance: ${text}`,
  ...(code === undefined ? {} : { code }),
});

/** NLL: a Practitioner or a Patient; this server takes a PractitionerRole too. */
const WHO: readonly string[] = ['Practitioner', 'Patient', 'PractitionerRole'];

const ON_BEHALF_OF: readonly string[] = ['Organization'];

/** Contained resources by `#id`; undefined when they are not what R4 calls so. */
export type Contained = ReadonlyMap<string, JsonObject> | undefined;

/** The contained resources of a Provenance, each with an id of its own. */
export const containedOf = (json: JsonObject): Contained => {
  const { contained } = json;
  const found = new Map<string, JsonObject>();
  if (contained === undefined) return found;
  if (!isList(contained) || contained.length === 0) return undefined;
  for (const one of contained) {
    if (!isObject(one) || typeof one['resourceType'] !== 'string' || typeof one['id'] !== 'string')
      return undefined;
    if (found.has(`#${one['id']}`)) return undefined;
    found.set(`#${one['id']}`, one);
  }
  return found;
};

const resolves = (
  reference: unknown,
  contained: ReadonlyMap<string, JsonObject>,
  types: readonly string[],
) => {
  const target = typeof reference === 'string' ? contained.get(reference) : undefined;
  const type = target?.['resourceType'];
  return typeof type === 'string' && types.includes(type);
};

const hasCode = (concept: unknown): boolean =>
  isObject(concept) &&
  isList(concept['coding']) &&
  concept['coding'].some(
    (coding) => isObject(coding) && typeof coding['code'] === 'string' && coding['code'] !== '',
  );

const hasIdentifier = (reference: JsonObject): boolean =>
  isObject(reference['identifier']) && typeof reference['identifier']['value'] === 'string';

const isOrganization = (reference: JsonObject, contained: ReadonlyMap<string, JsonObject>): boolean =>
  resolves(reference['reference'], contained, ON_BEHALF_OF) ||
  (hasIdentifier(reference) && !`${reference['reference']}`.startsWith('#'));

const oneAgent = (
  agent: unknown,
  index: number,
  contained: ReadonlyMap<string, JsonObject>,
): HeaderFault[] => {
  const at = `agent[${index}]`;
  if (!isObject(agent)) return [fault('value', `${at} must be an object`)];
  const faults: HeaderFault[] = [];
  const { who, onBehalfOf } = agent;
  if (!hasCode(agent['type'])) faults.push(fault('required', `${at}.type needs a coding`));
  if (who === undefined) faults.push(fault('required', `${at}.who is missing`));
  else if (!isObject(who) || !resolves(who['reference'], contained, WHO)) {
    faults.push(fault('value', `${at}.who must refer to a contained ${WHO.join(', ')} (#id)`));
  }
  if (onBehalfOf !== undefined) {
    const named = isObject(onBehalfOf) && isOrganization(onBehalfOf, contained);
    if (!named) {
      faults.push(
        fault(
          'value',
          `${at}.onBehalfOf must refer to a contained Organization (#id) or carry an identifier`,
        ),
      );
    }
  }
  return faults;
};

const isAcronym = (extension: unknown): boolean =>
  isObject(extension) &&
  typeof extension['url'] === 'string' &&
  extension['url'].toLowerCase().endsWith('useracronym') &&
  typeof extension['valueString'] === 'string' &&
  [...extension['valueString']].length > USER_ACRONYM_MAX;

const longAcronym = (resource: JsonObject): boolean =>
  resource['resourceType'] === 'Practitioner' &&
  isList(resource['extension']) &&
  resource['extension'].some(isAcronym);

/** Who acted: at least one agent, each with a coded type and a person who is contained in the Provenance. */
export const agentFaults = (json: JsonObject, contained: Contained): readonly HeaderFault[] => {
  if (contained === undefined) {
    return [fault('value', 'contained must be resources, each with a resourceType and an id of its own')];
  }
  const { agent } = json;
  if (agent === undefined) return [fault('required', 'agent is missing')];
  if (!isList(agent)) return [fault('value', 'agent must be a list')];
  if (agent.length === 0) return [fault('required', 'agent is missing')];
  const faults = agent.flatMap((one, index) => oneAgent(one, index, contained));
  if ([...contained.values()].some(longAcronym)) {
    faults.push(fault('too-long', `userAcronym has at most ${USER_ACRONYM_MAX} characters`));
  }
  return faults;
};
