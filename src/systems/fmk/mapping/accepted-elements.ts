import type { Basic, Extension, Resource } from '@medplum/fhirtypes';
import { otherElements } from '../../accepted-elements.ts';
import { BASIC_KIND, CERT_HASH, CERTIFICATE, FOCES_ID, FOCES_WHITELISTING } from './codes.ts';
import type { MappingContext } from './context.ts';
import { finding } from './findings.ts';

/**
 * What of a Basic is either told to FMK or kept in the facade's store. Whatever is not in these tables is refused
 * by name, so that nothing is ever dropped in silence.
 */
const ELEMENTS: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'language',
  'text',
  'contained',
  'extension',
  'identifier',
  'code',
  'subject',
  'created',
  'author',
  'modifierExtension',
]);

const EXTENSIONS: ReadonlySet<string> = new Set([FOCES_ID, CERT_HASH, CERTIFICATE]);

/** Contained resources that the subject and the author may lead to. */
const CONTAINED: ReadonlySet<string> = new Set(['Organization', 'Practitioner', 'PractitionerRole']);

const NOWHERE =
  'FMK has no place for this element, and it is not one that this server keeps; it is refused rather than dropped.';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Modifier extensions at any depth: none is understood here, and each may turn the meaning around. */
const judgeModifiers = (value: unknown, path: string, context: MappingContext): void => {
  if (Array.isArray(value)) {
    value.forEach((one, index) => {
      judgeModifiers(one, `${path}[${index}]`, context);
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'modifierExtension') {
      const why = 'A modifier extension may turn the meaning around; none is understood here.';
      context.issues.push(finding('modifier-extension', `${path}.${name}`, why));
    } else {
      judgeModifiers(inner, `${path}.${name}`, context);
    }
  }
};

const judgeExtension = ({ url }: Extension, index: number, context: MappingContext): void => {
  if (EXTENSIONS.has(url)) return;
  context.issues.push(finding('extension-not-supported', `Basic.extension[${index}]`, NOWHERE));
};

const judgeContained = (resource: Resource, index: number, context: MappingContext): void => {
  if (CONTAINED.has(resource.resourceType)) return;
  const why = 'Contained resources are the organisation, the creator and their role.';
  context.issues.push(finding('contained-not-supported', `Basic.contained[${index}]`, why));
};

const isKind = (basic: Basic): boolean =>
  basic.code?.coding?.some(({ system, code }) => system === BASIC_KIND && code === FOCES_WHITELISTING) ===
  true;

/** Refuses, each by its FHIRPath, the elements of a Basic that nobody would keep. */
export const judgeElements = (basic: Basic, context: MappingContext): void => {
  const { issues } = context;
  if (!isKind(basic)) {
    const why = `Basic.code needs the coding ${FOCES_WHITELISTING} of ${BASIC_KIND}.`;
    issues.push(finding('kind-missing', 'Basic.code', why));
  }
  for (const path of otherElements(basic, ELEMENTS)) {
    issues.push(finding('element-not-supported', path, NOWHERE));
  }
  judgeModifiers(basic, 'Basic', context);
  basic.extension?.forEach((extension, index) => {
    judgeExtension(extension, index, context);
  });
  basic.contained?.forEach((resource, index) => {
    judgeContained(resource, index, context);
  });
};
