import type { Coding, Consent } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { type CatalogueEntry, isGuid } from '../catalogue.ts';
import { isTypePi, type TypePi } from '../message.ts';
import { CONSENT_SCOPE, PROVISION_TYPE, PVK_DEFINITION, PVK_PART, PVK_TYPE, URN_UUID } from './codes.ts';
import { containedIn, identifiersOf, inUse, type MappingContext } from './context.ts';
import { finding } from './findings.ts';

/** A value of a Consent and where it stands. */
interface Placed {
  readonly value: string;
  readonly path: string;
}

const placedCodings = (codings: readonly Coding[] | undefined, system: string, path: string): Placed[] => {
  const placed: Placed[] = [];
  for (const [index, coding] of (codings ?? []).entries()) {
    if (coding.system !== system) continue;
    placed.push({ value: coding.code ?? '', path: `${path}.coding[${index}]` });
  }
  return placed;
};

const urnUuid = (uri: string): string | undefined =>
  uri.slice(0, URN_UUID.length).toLowerCase() === URN_UUID ? uri.slice(URN_UUID.length) : undefined;

/** Where a Consent names its definition: policyRule, or `policy.uri` as IHE PCF wants it. */
const namedDefinitions = (consent: Consent, issues: Issue[]): Placed[] => {
  const named = placedCodings(consent.policyRule?.coding, PVK_DEFINITION, 'Consent.policyRule');
  if (named.length > 1) {
    const why = 'A Consent names one definition; policyRule has several codings of pvk-definition.';
    issues.push(finding('definition-ambiguous', 'Consent.policyRule', why));
  }
  const uris = consent.policy ?? [];
  for (const [index, policy] of uris.entries()) {
    const path = `Consent.policy[${index}].uri`;
    if (policy.uri === undefined) continue;
    const guid = urnUuid(policy.uri);
    if (guid === undefined) {
      const why = 'The only policy PVK knows is a definition, written urn:uuid:<definisjonGuid>.';
      issues.push(finding('policy-not-supported', path, why));
    } else named.push({ value: guid, path });
  }
  return named;
};

/** The catalogue entry of the Consent's definition; undefined when a finding says why not. */
export const readDefinition = (
  consent: Consent,
  context: MappingContext,
  issues: Issue[],
): CatalogueEntry | undefined => {
  const named = namedDefinitions(consent, issues);
  const [first] = named;
  if (first === undefined) {
    const why = 'The definition is missing: a coding of pvk-definition whose code is the definisjonGuid.';
    issues.push(finding('definition-missing', 'Consent.policyRule', why));
    return undefined;
  }
  let wellFormed = true;
  for (const { value, path } of named) {
    if (isGuid(value)) continue;
    wellFormed = false;
    const why = 'The definisjonGuid is not a GUID (8-4-4-4-12 hexadecimal digits, no braces).';
    issues.push(finding('definition-malformed', path, why));
  }
  if (!wellFormed) return undefined;
  const guid = first.value.toLowerCase();
  const other = named.find(({ value }) => value.toLowerCase() !== guid);
  if (other !== undefined) {
    const why = 'This names another definition than the Consent does elsewhere.';
    issues.push(finding('definition-contradiction', other.path, why));
    return undefined;
  }
  const entry = context.catalogue.find(guid);
  if (entry === undefined) {
    const why = 'The definition is not in the catalogue of this server.';
    issues.push(finding('definition-unknown', first.path, why));
    return undefined;
  }
  judgeName(consent, entry, issues);
  return entry;
};

const judgeName = (consent: Consent, entry: CatalogueEntry, issues: Issue[]): void => {
  for (const [index, coding] of (consent.policyRule?.coding ?? []).entries()) {
    if (coding.system !== PVK_DEFINITION) continue;
    if (coding.display === undefined || coding.display === entry.navn) continue;
    const why = 'The display differs from the name in the catalogue, which is sent and stored instead.';
    issues.push(
      finding('definition-name-differs', `Consent.policyRule.coding[${index}].display`, why, 'warning'),
    );
  }
};

/** typePi of the Consent's category, held against the definition; undefined when a finding says why not. */
export const readType = (
  consent: Consent,
  entry: CatalogueEntry | undefined,
  issues: Issue[],
): TypePi | undefined => {
  const found: Placed[] = [];
  for (const [index, category] of (consent.category ?? []).entries()) {
    found.push(...placedCodings(category.coding, PVK_TYPE, `Consent.category[${index}]`));
  }
  const [first, second] = found;
  if (first === undefined) {
    const why = 'The kind of setting is missing: a coding of pvk-type in one category.';
    issues.push(finding('type-missing', 'Consent.category', why));
    return undefined;
  }
  if (second !== undefined) {
    const why = 'A Consent has one kind of setting; it has several codings of pvk-type.';
    issues.push(finding('type-ambiguous', 'Consent.category', why));
    return undefined;
  }
  if (!isTypePi(first.value)) {
    const why = 'The kind of setting is samtykke, reservasjon or tilgangsbegrensning.';
    issues.push(finding('type-unknown', first.path, why));
    return undefined;
  }
  if (entry !== undefined && entry.typePi !== first.value) {
    const why = `The definition is a ${entry.typePi}, the category says ${first.value}.`;
    issues.push(finding('type-contradicts-definition', first.path, why));
  }
  return first.value;
};

/** partKode, from the Consent or the catalogue; undefined when a finding says why not. */
export const readPart = (
  consent: Consent,
  entry: CatalogueEntry | undefined,
  context: MappingContext,
  issues: Issue[],
): string | undefined => {
  const named: Placed[] = [];
  for (const [index, organization] of (consent.organization ?? []).entries()) {
    const path = `Consent.organization[${index}]`;
    const parts = partsOf(consent, organization, context.now);
    for (const value of parts) named.push({ value, path: `${path}.identifier` });
    if (parts.length > 0) continue;
    const why = 'PVK learns the owner of the definition alone; this organization is kept and not sent.';
    issues.push(finding('organization-not-sent', path, why, 'warning'));
  }
  const [first, second] = named;
  if (second !== undefined) {
    const why = 'A setting belongs to one part; several identifiers of pvk-part are given.';
    issues.push(finding('part-ambiguous', 'Consent.organization', why));
    return undefined;
  }
  const expected = entry?.partKode;
  if (first === undefined) {
    if (expected === undefined && entry !== undefined) {
      const why =
        'The catalogue does not know the part of this definition: name it by a pvk-part identifier.';
      issues.push(finding('part-missing', 'Consent.organization', why));
    }
    return expected;
  }
  if (expected !== undefined && first.value !== expected) {
    const why = 'The definition belongs to another part. Part codes are case-sensitive.';
    issues.push(finding('part-contradicts-definition', first.path, why));
  }
  return first.value;
};

const partsOf = (
  consent: Consent,
  organization: NonNullable<Consent['organization']>[number],
  now: number,
): readonly string[] => {
  const own = organization.identifier === undefined ? [] : [organization.identifier];
  const all = [...own, ...identifiersOf(containedIn(consent, organization.reference))];
  const parts = all
    .filter((identifier) => identifier.system === PVK_PART && inUse(identifier, now))
    .flatMap(({ value }) => (value === undefined ? [] : [value]));
  return [...new Set(parts)];
};

const SCOPES: ReadonlySet<string> = new Set(['patient-privacy', 'research']);

/** PVK knows privacy settings alone. */
export const judgeScope = (consent: Consent, issues: Issue[]): void => {
  const codings = consent.scope?.coding ?? [];
  const supported = codings.some(
    ({ system, code }) => system === CONSENT_SCOPE && code !== undefined && SCOPES.has(code),
  );
  if (supported) return;
  const why = 'The scope is to be patient-privacy (or research) of the code system consentscope.';
  issues.push(finding('scope-not-supported', 'Consent.scope', why));
};

/** `provision.type` says again what the kind of setting says, and may not contradict it. */
export const judgeProvisionType = (consent: Consent, typePi: TypePi | undefined, issues: Issue[]): void => {
  const type = consent.provision?.type;
  if (type === undefined || typePi === undefined || type === PROVISION_TYPE[typePi]) return;
  const why = `A ${typePi} is a rule of type ${PROVISION_TYPE[typePi]}.`;
  issues.push(finding('provision-type-contradicts', 'Consent.provision.type', why));
};

/** The lower-case definisjonGuid a Consent names, by policyRule or policy.uri; undefined when it names none. */
export const definitionOf = (consent: Consent): string | undefined => {
  const rule = consent.policyRule?.coding?.find(({ system }) => system === PVK_DEFINITION)?.code;
  const guid =
    rule ?? consent.policy?.map(({ uri }) => urnUuid(uri ?? '')).find((value) => value !== undefined);
  return guid?.toLowerCase();
};
