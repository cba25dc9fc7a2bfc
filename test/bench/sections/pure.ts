import '../../fhirpath.ts';
import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { checkHeaders } from '../../../src/headers/check.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../../src/headers/settings.ts';
import type { RuledPattern } from '../../../src/headers/table.ts';
import { DEFAULT_CATALOGUE } from '../../../src/systems/helsenorge/catalogue.ts';
import { fromSett, type MappingContext, toSett } from '../../../src/systems/helsenorge/mapping.ts';
import { DEFAULT_SETTINGS } from '../../../src/systems/helsenorge/settings.ts';
import {
  base64,
  type CallHeaders,
  consentOf,
  createHeaders,
  persons,
  provenanceOf,
  readHeaders,
} from '../calls.ts';
import { timeCalls } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { type Line, microseconds } from '../report.ts';

const settings = { ...DEFAULT_HEADER_SETTINGS, validateProvenance: createValidator(PROFILES).validate };

/** Checks one of many calls that differ in what differs in life: its request id, and here its X-Provenance. */
const checking = (pattern: RuledPattern, calls: readonly CallHeaders[]): (() => unknown) => {
  const all = calls.map((values) => new Headers(values));
  let at = 0;
  return () => {
    at = (at + 1) % all.length;
    const [first] = all;
    const headers = all[at] ?? first ?? new Headers();
    const checked = checkHeaders({ pattern, headers, kind: 'care', settings, patientRefExpected: true });
    if (checked.issues.length > 0) throw new Error(checked.issues[0]?.diagnostics);
    return checked;
  };
};

/** More authors than the server remembers, each seen once in a round: X-Provenance is read anew every time. */
const AUTHORS = 5000;

const provenances = (distinct: number): readonly CallHeaders[] =>
  Array.from({ length: AUTHORS }, (_, n) => ({
    ...createHeaders('token', 0),
    'X-Provenance': base64({ ...provenanceOf(0), id: `author-${n % distinct}` }),
  }));

interface Promised {
  readonly what: string;
  readonly work: () => unknown;
  /** Microseconds. */
  readonly target: number;
}

const headerRules = (): readonly Promised[] => [
  {
    what: 'Header rules of one valid call, 2.2.2',
    work: checking(
      '2.2.2',
      Array.from({ length: 100 }, () => readHeaders('token', randomUUID())),
    ),
    target: 8,
  },
  {
    what: 'Header rules of one valid call, 2.3, X-Provenance never seen before',
    work: checking('2.3', provenances(AUTHORS)),
    target: 25,
  },
  {
    what: 'Header rules of one valid call, 2.3, X-Provenance of one of 100 authors',
    work: checking('2.3', provenances(100)),
    target: 25,
  },
];

const mapping = (): readonly Promised[] => {
  const context: MappingContext = {
    catalogue: DEFAULT_CATALOGUE,
    settings: DEFAULT_SETTINGS,
    now: Date.now(),
  };
  const consent: Consent = consentOf(persons().next().value);
  const sent = toSett(consent, context);
  if (!sent.ok) throw new Error(sent.failure[0]?.diagnostics);
  const { request } = sent.value;
  return [
    { what: 'Mapping, Consent → PVK', work: () => toSett(consent, context), target: 10 },
    { what: 'Mapping, PVK → Consent', work: () => fromSett(request, context), target: 10 },
  ];
};

/** What is pure enough to be measured alone. */
export const pureParts = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const parts = [...headerRules(), ...mapping()];
  const found = timeCalls(
    plan,
    parts.map(({ work }) => work),
  );
  return parts.map(({ what, target }, at) => {
    const measured = found[at] ?? Number.NaN;
    return { what, measured: microseconds(measured), target: `< ${target} µs`, met: measured < target };
  });
};
