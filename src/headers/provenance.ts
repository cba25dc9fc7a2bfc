import type { Provenance } from '@medplum/fhirtypes';
import { type JsonObject, parseEncodedJson } from './encoded-json.ts';
import { faulty, type HeaderFault, type Parsed, parsed } from './faults.ts';
import { agentFaults, containedOf, isList, isObject } from './provenance-agents.ts';
import { PROVENANCE_RULES, REASON_TEXT_MAX, type ResourceKind } from './provenance-rules.ts';
import type { HeaderSettings } from './settings.ts';
import type { HeaderProvenance } from './values.ts';

const EXPECTED = 'base64 of the JSON of a Provenance';

const fault = (code: HeaderFault['code'], text: string): HeaderFault => ({
  kind: 'provenance-invalid',
  text: `X-Provenance: ${text}`,
  ...(code === undefined ? {} : { code }),
});

/** The elements of R4's Provenance; with `_` before it, a primitive's extensions. */
const ELEMENTS = new Set(
  (
    'resourceType id meta implicitRules language text contained extension modifierExtension target occurredPeriod ' +
    'occurredDateTime recorded policy location reason activity agent entity signature'
  ).split(' '),
);

const unknownElements = (json: JsonObject): readonly HeaderFault[] =>
  Object.keys(json).some((name) => !ELEMENTS.has(name.replace(/^_/, '')))
    ? [fault('structure', 'it has an element that Provenance does not have')]
    : [];

/** The server says when and of what; the sender says who and why. */
const serverElements = (json: JsonObject): readonly HeaderFault[] =>
  ['target', 'recorded']
    .filter((name) => json[name] !== undefined)
    .map((name) => fault('value', `${name} is filled in by the server and must not be sent`));

const reasonTexts = (json: JsonObject): readonly HeaderFault[] => {
  const { reason } = json;
  if (reason === undefined) return [];
  if (!isList(reason) || reason.length === 0 || !reason.every(isObject)) {
    return [fault('value', 'reason must be a list of CodeableConcept')];
  }
  const long = reason.some(({ text }) => typeof text === 'string' && [...text].length > REASON_TEXT_MAX);
  return long ? [fault('too-long', `reason.text has at most ${REASON_TEXT_MAX} characters`)] : [];
};

const activityShape = (json: JsonObject): readonly HeaderFault[] =>
  json['activity'] === undefined || isObject(json['activity'])
    ? []
    : [fault('value', 'activity must be a CodeableConcept')];

/** Freezes what is kept for later calls; how deep it goes was bounded when it was read. */
const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
};

/** What R4 itself says of it, once the server's part is filled in. */
const structureFaults = (
  value: HeaderProvenance,
  validate: HeaderSettings['validateProvenance'],
): readonly HeaderFault[] => {
  if (validate === undefined) return [];
  const complete: Provenance = {
    ...value,
    target: [{ reference: 'Basic/x' }],
    recorded: '2020-01-01T00:00:00Z',
  };
  return validate(complete)
    .filter((issue) => issue.severity === 'error')
    .map((issue) => ({
      ...fault(issue.code, issue.diagnostics),
      ...(issue.expression?.[0] === undefined ? {} : { detail: issue.expression[0] }),
    }));
};

/**
 * X-Provenance: who did it and why, without `target` and `recorded`, which the server adds. Everything is
 * checked that does not depend on what is written; `checkProvenanceFor` does the rest. References are only
 * resolved inside the resource; nothing is fetched. A `signature` is kept as sent and not verified.
 */
export const parseProvenance = (
  raw: string,
  settings: Pick<HeaderSettings, 'lenient' | 'strictProvenance' | 'validateProvenance'>,
): Parsed<HeaderProvenance> => {
  const read = parseEncodedJson('X-Provenance', EXPECTED, raw, settings);
  if (!read.ok) return read;
  const json = read.value.value;
  if (json['resourceType'] !== 'Provenance') return faulty(fault('value', 'resourceType must be Provenance'));
  const ours = serverElements(json);
  const faults = [
    ...unknownElements(json),
    ...(settings.strictProvenance ? ours : []),
    ...agentFaults(json, containedOf(json)),
    ...activityShape(json),
    ...reasonTexts(json),
  ];
  if (faults.length > 0) return faulty(...faults);
  const { target: _, recorded: __, _recorded: ___, ...kept } = json;
  const value = kept as HeaderProvenance;
  const structure = structureFaults(value, settings.validateProvenance);
  if (structure.length > 0) return faulty(...structure);
  freeze(value);
  const warnings = ours.map((one) => ({
    kind: one.kind,
    text: one.text.replace('filled in by the server and must not be sent', 'ignored: the server fills it in'),
  }));
  return parsed(value, [...read.value.warnings, ...warnings]);
};

/** Activity and reason, as the kind of resource asks for them. */
export const checkProvenanceFor = (
  value: HeaderProvenance,
  kind: ResourceKind = 'facade',
): readonly HeaderFault[] => {
  const rule = PROVENANCE_RULES[kind];
  const faults: HeaderFault[] = [];
  const coded = value.activity?.coding?.some((coding) => coding.code !== undefined) ?? false;
  if (rule.activity === 'required' && !coded) faults.push(fault('required', 'activity needs a coding'));
  const reasons = value.reason?.length ?? 0;
  if (rule.reason === 'required' && reasons === 0) faults.push(fault('required', 'a reason is mandatory'));
  if (rule.reason === 'forbidden' && reasons > 0) {
    faults.push(fault('business-rule', 'a reason must not be given'));
  }
  return faults;
};
