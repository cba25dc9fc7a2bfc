import { beforeAll, describe, expect, it } from 'vitest';
import { ORG_INFO_BY_CALLER } from '../../src/headers/conditions.ts';
import {
  HEADER_NAMES,
  HEADER_TABLE,
  type HeaderName,
  RULED_PATTERNS,
  type RuledPattern,
} from '../../src/headers/table.ts';
import { type Client, createClient, type Who } from '../e2e/client.ts';
import { NUMBERS, samtykke } from '../e2e/fixtures.ts';
import type { Role } from '../e2e/headers.ts';
import { issuesOf, type Reply } from '../e2e/reply.ts';
import type { Open } from '../e2e/server.ts';
import { basic as relation } from '../systems/brs/samples.ts';
import { BAD, GOOD, ORG_INFO_MEDIATOR } from './examples.ts';

/** How a header of a generated call is sent. */
export type State = 'present' | 'absent' | 'malformed';

export const STATES: readonly State[] = ['present', 'absent', 'malformed'];

/** What a malformed value of a header is called; absent: no text is malformed for it. */
const MALFORMED: Readonly<Partial<Record<HeaderName, string>>> = {
  'X-Purpose': 'header-code-unknown',
  'X-Access': 'header-code-unknown',
  'X-Provenance': 'header-malformed',
  'X-PatientRef': 'header-malformed',
  'X-ProxyRef': 'header-malformed',
  'X-Org-Info': 'header-malformed',
  'X-User-Agent': 'header-malformed',
  'X-Request-ID': 'header-malformed',
  'X-Context-ID': 'header-malformed',
  'X-Call-Type': 'header-value',
};

/** What a call is about; the rest is in its headers. */
interface Act {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Values good for this call; a header without one keeps that of `GOOD`. */
type Values = Readonly<Partial<Record<HeaderName, string>>>;

export interface World {
  readonly client: Client;
  readonly patient: string;
}

/** Calls of each pattern; the first is the one of the cells. */
const actsOf = (pattern: RuledPattern, { patient }: World): readonly [Act, ...Act[]] => {
  const consent = samtykke(NUMBERS.line);
  const acts: Readonly<Record<RuledPattern, readonly [Act, ...Act[]]>> = {
    '2.1': [
      { method: 'GET', path: '/fhir/Organization?_count=1' },
      { method: 'GET', path: '/fhir?_type=Organization&_count=1' },
    ],
    '2.2.1': [
      { method: 'GET', path: '/fhir/Provenance?_count=1' },
      { method: 'POST', path: '/fhir/Consent/$preview', body: consent },
    ],
    '2.2.2': [
      { method: 'GET', path: `/fhir/Consent?patient=Patient/${patient}` },
      { method: 'GET', path: '/fhir/Basic?code=treatment-relation' },
      { method: 'GET', path: '/fhir/Basic' },
    ],
    '2.3': [
      { method: 'POST', path: '/fhir/Consent', body: consent },
      { method: 'POST', path: '/fhir/Basic', body: relation() },
    ],
  };
  return acts[pattern];
};

/**
 * The call with every header in the state asked for, and nothing else.
 *
 * @param which of the pattern's calls
 */
export const callWith = async (
  world: World,
  pattern: RuledPattern,
  stateOf: (name: HeaderName) => State,
  who: Who = 'prescriber',
  values: Values = {},
  which = 0,
): Promise<Reply> => {
  const { client, patient } = world;
  const good: Values = {
    ...GOOD,
    'X-PatientRef': patient,
    'X-Request-ID': crypto.randomUUID(),
    Authorization: `Bearer ${await client.token(who)}`,
    ...values,
  };
  const headers: Record<string, string | null> = {};
  for (const name of HEADER_NAMES) {
    const value = { present: good[name], absent: undefined, malformed: BAD[name] }[stateOf(name)];
    headers[name] = value ?? null;
  }
  const acts = actsOf(pattern, world);
  const { method, path, body } = acts[which % acts.length] ?? acts[0];
  return client.call(method, path, { as: null, headers, ...(body === undefined ? {} : { body }) });
};

/** What the table asks of a header of this caller's call. */
const asks = (pattern: RuledPattern, name: HeaderName, kind: keyof typeof ORG_INFO_BY_CALLER): string => {
  const cell = HEADER_TABLE[pattern][name];
  if (cell.condition !== 'conditional') return cell.condition;
  if (cell.on === 'caller') return ORG_INFO_BY_CALLER[kind].condition;
  return { patient: 'mandatory', proxy: 'ignored', prescription: 'optional' }[cell.on ?? 'prescription'];
};

/** The fault that one header in this state makes, as `X-Org-Info header-missing`; undefined: none. */
const faultOf = (
  pattern: RuledPattern,
  name: HeaderName,
  state: State,
  kind: keyof typeof ORG_INFO_BY_CALLER,
): string | undefined => {
  const asked = asks(pattern, name, kind);
  if (state === 'present' || asked === 'ignored' || asked === 'must-not') return undefined;
  if (state === 'absent') return asked === 'mandatory' ? `${name} header-missing` : undefined;
  return MALFORMED[name] === undefined ? undefined : `${name} ${MALFORMED[name]}`;
};

/** What the table predicts of a whole call: its status class, and its faults if it is refused for them. */
export const predict = (
  pattern: RuledPattern,
  stateOf: (name: HeaderName) => State,
  kind: keyof typeof ORG_INFO_BY_CALLER = 'care',
): { readonly status: 'answered' | 400 | 401 | 406; readonly faults: readonly string[] } => {
  if (stateOf('Accept') === 'malformed') return { status: 406, faults: [] };
  const ticket = HEADER_TABLE[pattern].Authorization.condition === 'mandatory';
  if (ticket && stateOf('Authorization') !== 'present') return { status: 401, faults: [] };
  const read = HEADER_NAMES.filter((name) => name !== 'Accept' && name !== 'Authorization');
  const faults = read.flatMap((name) => faultOf(pattern, name, stateOf(name), kind) ?? []);
  return faults.length > 0 ? { status: 400, faults } : { status: 'answered', faults };
};

/** The faults of an answer, as `predict` writes them. */
const faultsIn = (reply: Reply): readonly string[] =>
  issuesOf(reply)
    .filter(({ severity }) => severity === 'error')
    .map(({ location, detail }) => `${location?.[0]?.replace('http.', '')} ${detail}`);

/** The answer is what the table predicts, and says it as it must. */
export const expectPredicted = (reply: Reply, predicted: ReturnType<typeof predict>): void => {
  const { status, faults } = predicted;
  if (status === 'answered') {
    expect([200, 201], reply.text.slice(0, 300)).toContain(reply.status);
    return;
  }
  expect(reply.status, reply.text.slice(0, 300)).toBe(status);
  if (status === 401) {
    expect(reply.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
    expect(issuesOf(reply)).toHaveLength(1);
  }
  if (status === 400) expect([...faultsIn(reply)].sort()).toEqual([...faults].sort());
};

/** Who reaches Provenance and with what X-Org-Info. */
const BY_KIND: readonly { readonly kind: keyof typeof ORG_INFO_BY_CALLER; readonly role: Role }[] = [
  { kind: 'care', role: 'nurse' },
  { kind: 'pharmacy', role: 'pharmacist' },
  { kind: 'mediated', role: 'citizen' },
  { kind: 'machine', role: 'system' },
];

/**
 * Each cell of the header table as a call over HTTP, made from the table: the header present, absent and
 * malformed, all others good. Uses web APIs alone, so that every runtime runs the same suite.
 */
export const headerCellSuite = (name: string, open: Open): void => {
  describe(name, () => {
    let world: World;

    beforeAll(async () => {
      const opened = await open();
      const client = createClient((request) => opened.fetch(request));
      await client.reset();
      world = { client, patient: await client.patient(NUMBERS.line) };
    });

    for (const pattern of RULED_PATTERNS) {
      describe(`pattern ${pattern}`, () => {
        for (const header of HEADER_NAMES) {
          const { condition } = HEADER_TABLE[pattern][header];
          it.each(STATES)(`${header} (${condition}) %s`, async (state) => {
            // X-ProxyRef is for who acts for another; a prescriber leaves it out.
            const stateOf = (one: HeaderName): State => (one === header ? state : 'present');
            expectPredicted(await callWith(world, pattern, stateOf), predict(pattern, stateOf));
          });
        }
      });
    }

    describe.each(BY_KIND)('X-Org-Info of $kind', ({ kind, role }) => {
      it.each(STATES)('%s', async (state) => {
        const stateOf = (one: HeaderName): State => (one === 'X-Org-Info' ? state : 'present');
        const who: Who = kind === 'mediated' ? { role, patient: world.patient } : role;
        const values = kind === 'mediated' ? { 'X-Org-Info': ORG_INFO_MEDIATOR } : {};
        const reply = await callWith(world, '2.2.1', stateOf, who, values);
        const predicted = predict('2.2.1', stateOf, kind);
        // A role that may not read Provenance is told so only once its headers are right.
        if (predicted.status === 'answered') expect([200, 403]).toContain(reply.status);
        else expectPredicted(reply, predicted);
      });
    });

    describe('X-ProxyRef of a guardian', () => {
      const own = { 'X-Purpose': 'SIM_EGNA_UPPGIFTER', 'X-Access': 'SIM_VARDNADSHAVARE' };
      const call = async (state: State, proxy?: string): Promise<Reply> => {
        const holder = await world.client.patient(NUMBERS.synthetic);
        const who: Who = { role: 'guardian', patient: holder, represents: [world.patient] };
        const stateOf = (one: HeaderName): State => (one === 'X-ProxyRef' ? state : 'present');
        return callWith(world, '2.2.2', stateOf, who, {
          ...own,
          'X-Org-Info': ORG_INFO_MEDIATOR,
          'X-ProxyRef': proxy ?? holder,
        });
      };

      it('is mandatory, must be well formed, and names the person of the ticket', async () => {
        expect((await call('present')).status).toBe(200);
        expect(faultsIn(await call('absent'))).toEqual(['X-ProxyRef header-missing']);
        expect(faultsIn(await call('malformed'))).toEqual(['X-ProxyRef header-malformed']);
        const other = await call('present', world.patient);
        expect([other.status, faultsIn(other)]).toEqual([403, ['X-ProxyRef proxy-mismatch']]);
      });
    });
  });
};
