import type { Basic } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { memberPath } from '../../accepted-elements.ts';
import { INPUT_URLS, RESULT_URLS } from './codes.ts';
import { finding } from './findings.ts';

/** What of a Basic is sent to BRS or kept in the facade's store; anything else is refused by name. */
const KEPT: ReadonlySet<string> = new Set([
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
  'author',
]);

const MODIFIER = 'A modifier extension may turn the meaning of the question around; none is understood here.';

const judgeMember = (name: string, issues: Issue[]): void => {
  if (KEPT.has(name)) return;
  if (name === 'modifierExtension') {
    issues.push(finding('modifier-extension', 'Basic.modifierExtension', MODIFIER));
  } else if (name === 'created') {
    const why = 'The server writes the date of the answer here; the value sent is not used.';
    issues.push(finding('server-written', 'Basic.created', why, 'warning'));
  } else {
    const why = 'BRS has no place for this element; it would be lost there, so it is refused here.';
    issues.push(finding('element-not-supported', memberPath('Basic', name), why));
  }
};

const judgeExtension = (url: string, path: string, issues: Issue[]): void => {
  if (INPUT_URLS.has(url)) return;
  if (RESULT_URLS.has(url)) {
    const why = 'This extension is part of the answer: the server sets it, nobody else.';
    issues.push(finding('server-set', path, why));
  } else {
    issues.push(finding('extension-unknown', path, 'This extension is not known to the treatment relation.'));
  }
};

/** One finding for each element that is neither sent nor kept. */
export const judgeElements = (basic: Basic, issues: Issue[]): void => {
  for (const name of Object.keys(basic)) judgeMember(name, issues);
  for (const [at, { url }] of (basic.extension ?? []).entries()) {
    judgeExtension(url, `Basic.extension[${at}]`, issues);
  }
  for (const [at, resource] of (basic.contained ?? []).entries()) {
    if (!('modifierExtension' in resource)) continue;
    issues.push(finding('modifier-extension', `Basic.contained[${at}].modifierExtension`, MODIFIER));
  }
};
