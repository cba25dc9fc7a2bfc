import type { Basic } from '@medplum/fhirtypes';
import { otherElements } from '../../accepted-elements.ts';
import { CARE_PROVIDER, CERTIFICATE, ENVIRONMENT, EVENT, KIND, SERIAL, STATE, SYSTEM } from '../codes.ts';
import type { Findings } from './context.ts';

/** What of a Basic is mapped or kept; all else is refused by name, so that nothing is dropped in silence. */
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
]);

const FIELDS: ReadonlySet<string> = new Set([
  KIND,
  ENVIRONMENT,
  SYSTEM,
  SERIAL,
  CERTIFICATE,
  CARE_PROVIDER,
  STATE,
  EVENT,
]);

/** Those that may stand more than once. */
const LISTS: ReadonlySet<string> = new Set([CARE_PROVIDER, EVENT]);

const judgeContained = (basic: Basic, { add }: Findings): void => {
  for (const [index, resource] of (basic.contained ?? []).entries()) {
    const path = `Basic.contained[${index}]`;
    if (resource.resourceType !== 'Practitioner' && resource.resourceType !== 'Organization') {
      add('element-not-supported', path, 'Only the contact person and care providers may be contained.');
    } else if ('modifierExtension' in resource) {
      add('modifier-extension', `${path}.modifierExtension`, 'No modifier extension is understood here.');
    }
  }
};

const judgeExtensions = (basic: Basic, { add }: Findings): void => {
  const seen = new Set<string>();
  for (const [index, { url }] of (basic.extension ?? []).entries()) {
    const path = `Basic.extension[${index}]`;
    if (!FIELDS.has(url)) {
      add('element-not-supported', path, 'A connection has no place for this extension; it would be lost.');
    } else if (seen.has(url) && !LISTS.has(url)) {
      add('field-repeated', path, 'This field is given more than once: which of them is meant?');
    }
    seen.add(url);
  }
};

export const judgeElements = (basic: Basic, findings: Findings): void => {
  for (const path of otherElements(basic, ELEMENTS)) {
    const modifier = path === 'Basic.modifierExtension';
    findings.add(
      modifier ? 'modifier-extension' : 'element-not-supported',
      path,
      modifier ? 'No modifier extension is understood here.' : 'A connection has no place for this element.',
    );
  }
  judgeContained(basic, findings);
  judgeExtensions(basic, findings);
};
