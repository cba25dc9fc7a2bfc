import type { Consent } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { memberPath } from '../../accepted-elements.ts';
import { OMFANG_ELEMENT, SERVER_WRITTEN } from './codes.ts';
import { typeInWords } from './context.ts';
import { finding } from './findings.ts';

/**
 * What of a Consent is either sent to PVK or kept in the facade's store. Whatever is not in this table is
 * refused by name, so that nothing is ever dropped in silence; an element R4 adds to a client's Consent is
 * refused until somebody decides what becomes of it.
 */
type Shape = ReadonlyMap<string, Shape | 'kept'>;

const shape = (kept: string, inner: Readonly<Record<string, Shape>> = {}): Shape =>
  new Map<string, Shape | 'kept'>([
    ['id', 'kept'],
    ...kept.split(' ').map((name) => [name, 'kept'] as const),
    ...Object.entries(inner),
  ]);

const REFERENCE = shape('reference type identifier display');
const CONCEPT = shape('coding text');

const CONSENT = shape('resourceType language text identifier status dateTime', {
  meta: shape('versionId lastUpdated profile tag security source'),
  scope: CONCEPT,
  category: CONCEPT,
  patient: REFERENCE,
  performer: REFERENCE,
  organization: REFERENCE,
  sourceAttachment: shape('contentType language data url size hash title creation'),
  policy: shape('uri'),
  policyRule: CONCEPT,
  provision: shape('type', {
    period: shape('start end'),
    actor: shape('', { role: CONCEPT, reference: REFERENCE }),
  }),
});

/** Contained resources that an actor, performer, patient or organization may point to. */
const CONTAINED: ReadonlySet<string> = new Set([
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'RelatedPerson',
  'Organization',
]);

const refuse = (name: string, path: string, issues: Issue[]): void => {
  if (name === 'modifierExtension') {
    const why = 'A modifier extension may turn the meaning of the Consent around; none is understood here.';
    issues.push(finding('modifier-extension', `${path}.${name}`, why));
    return;
  }
  const why = 'Helsenorge PVK has no place for this element; it would be lost there, so it is refused here.';
  issues.push(finding('element-not-supported', memberPath(path, name), why));
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const walk = (value: object, accepted: Shape, path: string, issues: Issue[]): void => {
  for (const name in value) {
    const inner = accepted.get(name);
    if (inner === 'kept') continue;
    const found: unknown = Reflect.get(value, name);
    if (found === undefined) continue;
    if (inner === undefined) refuse(name, path, issues);
    else if (Array.isArray(found)) walkAll(found, inner, `${path}.${name}`, issues);
    else if (isObject(found)) walk(found, inner, `${path}.${name}`, issues);
  }
};

const walkAll = (values: readonly unknown[], accepted: Shape, path: string, issues: Issue[]): void => {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (isObject(value)) walk(value, accepted, `${path}[${i}]`, issues);
  }
};

const judgeContained = (consent: Consent, issues: Issue[]): void => {
  for (const [index, resource] of (consent.contained ?? []).entries()) {
    const path = `Consent.contained[${index}]`;
    if (!CONTAINED.has(resource.resourceType)) {
      const why = `A contained ${typeInWords(resource.resourceType)} has no use in a Consent for Helsenorge PVK.`;
      issues.push(finding('element-not-supported', path, why));
    } else if ('modifierExtension' in resource) refuse('modifierExtension', path, issues);
  }
};

const judgeExtensions = (consent: Consent, issues: Issue[]): void => {
  for (const [index, extension] of (consent.extension ?? []).entries()) {
    const path = `Consent.extension[${index}]`;
    if (!SERVER_WRITTEN.has(extension.url)) {
      refuse(`extension[${index}]`, 'Consent', issues);
    } else if (extension.url === OMFANG_ELEMENT) {
      const why = 'The fixed metadata of a definition belong to its owner and cannot be set with a Consent.';
      issues.push(finding('element-not-supported', path, why));
    } else {
      const why = 'The server writes this extension from what PVK tells; the value sent is not used.';
      issues.push(finding('server-written', path, why, 'warning'));
    }
  }
};

const TOP: Shape = new Map([...CONSENT, ['contained', 'kept'], ['extension', 'kept']]);

/** Refuses, one finding each, every element that is neither sent nor kept. */
export const judgeElements = (consent: Consent, issues: Issue[]): void => {
  walk(consent, TOP, 'Consent', issues);
  if (consent.contained !== undefined) judgeContained(consent, issues);
  if (consent.extension !== undefined) judgeExtensions(consent, issues);
};
