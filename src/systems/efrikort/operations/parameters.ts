import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { HSA_ID_SYSTEM, organizationSystem } from '../../organizations.ts';
import type { EfrikortIssue } from '../findings.ts';
import { createFindings, type Findings } from '../mapping/context.ts';
import type { Evidence } from '../model.ts';

/** What the caller of an operation says about it. */
export interface OperationInput {
  readonly evidence?: Evidence;
  readonly approver?: string;
  readonly written?: boolean;
  readonly note?: string;
  /** Milliseconds since the epoch: when it happened. */
  readonly at?: number;
  /** HSA-id of the region whose approval it is. */
  readonly region?: string;
  readonly sentByHand: boolean;
  readonly resend: boolean;
}

/** The parameters of the transitions, and which operation takes each. */
const COMMON = ['evidence', 'approver', 'written', 'note', 'at', 'region'] as const;
const SUBMIT = ['sentByHand', 'resend', 'note', 'at'] as const;

type Name = (typeof COMMON)[number] | (typeof SUBMIT)[number];

const pathOf = (name: string): string => `Parameters.parameter.where(name = '${name}')`;

/** Longer notes belong into an attachment; also keeps a version within what the store takes. */
const LONGEST_NOTE = 2000;
const LONGEST_ATTACHMENT = 512 * 1024;

interface Reader {
  readonly one: (name: Name) => ParametersParameter | undefined;
  readonly findings: Findings;
}

const malformed = (
  { findings }: Reader,
  name: Name,
  expected: string,
  code: EfrikortIssue = 'parameter-malformed',
) => findings.add(code, pathOf(name), `${name} must be ${expected}.`);

const text = (reader: Reader, name: 'approver' | 'note'): string | undefined => {
  const given = reader.one(name);
  if (given === undefined) return undefined;
  const value = given.valueString?.trim() ?? given.valueReference?.display?.trim();
  if (value === undefined || value === '') malformed(reader, name, 'a text');
  else if (value.length > LONGEST_NOTE)
    malformed(reader, name, `at most ${LONGEST_NOTE} characters long`, 'text-too-long');
  else return value;
  return undefined;
};

const flag = (reader: Reader, name: 'written' | 'sentByHand' | 'resend'): boolean | undefined => {
  const given = reader.one(name);
  if (given !== undefined && given.valueBoolean === undefined) malformed(reader, name, 'a boolean');
  return given?.valueBoolean;
};

const time = (reader: Reader, now: number): number | undefined => {
  const given = reader.one('at');
  if (given === undefined) return undefined;
  const value = given.valueDateTime ?? given.valueInstant ?? given.valueDate;
  const at = value === undefined ? Number.NaN : Date.parse(value);
  if (Number.isNaN(at)) malformed(reader, 'at', 'a dateTime');
  else if (at > now)
    malformed(reader, 'at', 'in the past: what has not happened is no evidence', 'date-in-future');
  else return at;
  return undefined;
};

const evidence = (reader: Reader): Evidence | undefined => {
  const given = reader.one('evidence');
  if (given?.valueAttachment !== undefined) {
    if ((given.valueAttachment.data?.length ?? 0) <= LONGEST_ATTACHMENT)
      return { attachment: given.valueAttachment };
    malformed(reader, 'evidence', 'smaller: give a larger document by its url', 'text-too-long');
  } else if (given?.valueReference !== undefined) return { reference: given.valueReference };
  else if (given !== undefined) malformed(reader, 'evidence', 'an Attachment or a Reference');
  return undefined;
};

const region = (reader: Reader): string | undefined => {
  const given = reader.one('region');
  if (given === undefined) return undefined;
  const { system, value } = given.valueIdentifier ?? given.valueReference?.identifier ?? {};
  if (organizationSystem(system)?.kind === 'hsa' && value !== undefined) return value;
  malformed(reader, 'region', `an Identifier of ${HSA_ID_SYSTEM}`);
  return undefined;
};

/** Reads the Parameters of an operation; no Parameters is the same as none in them. `now` in milliseconds. */
export const readInput = (
  parameters: Parameters | undefined,
  operation: 'submit' | 'transition',
  now: number,
): { readonly input: OperationInput; readonly issues: Findings['issues'] } => {
  const findings = createFindings();
  const known: readonly string[] = operation === 'submit' ? SUBMIT : COMMON;
  const given = parameters?.parameter ?? [];
  for (const [index, { name }] of given.entries()) {
    const path = `Parameters.parameter[${index}]`;
    if (!known.includes(name ?? '')) {
      findings.add('parameter-unknown', path, `Known are: ${known.join(', ')}.`);
    } else if (given.findIndex((one) => one.name === name) !== index) {
      findings.add('field-repeated', path, 'The parameter is given more than once.');
    }
  }
  const reader: Reader = { one: (name) => given.find((one) => one.name === name), findings };
  const shown = { evidence: evidence(reader), region: region(reader), at: time(reader, now) };
  const said = {
    approver: text(reader, 'approver'),
    note: text(reader, 'note'),
    written: flag(reader, 'written'),
  };
  return {
    input: {
      ...(shown.evidence === undefined ? {} : { evidence: shown.evidence }),
      ...(shown.region === undefined ? {} : { region: shown.region }),
      ...(shown.at === undefined ? {} : { at: shown.at }),
      ...(said.approver === undefined ? {} : { approver: said.approver }),
      ...(said.note === undefined ? {} : { note: said.note }),
      ...(said.written === undefined ? {} : { written: said.written }),
      sentByHand: flag(reader, 'sentByHand') ?? false,
      resend: flag(reader, 'resend') ?? false,
    },
    issues: findings.issues,
  };
};
