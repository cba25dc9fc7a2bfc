import { beforeAll, describe, expect, it } from 'vitest';
import { FILTERING_RULES } from '../../src/headers/filtering.ts';
import { HEADER_NAMES, HEADER_TABLE, RULED_PATTERNS } from '../../src/headers/table.ts';
import { type Client, createClient } from '../e2e/client.ts';
import { NUMBERS } from '../e2e/fixtures.ts';
import { issuesOf, type Reply, type ShownIssue } from '../e2e/reply.ts';
import { assertionToken, NURSE, SAML_ISSUER } from '../security/saml/make-assertion.ts';
import { makeKeys } from '../xml/make-certificate.ts';
import { GOOD } from './examples.ts';
import { openHere } from './open.ts';

let client: Client;
let patient: string;

beforeAll(async () => {
  const opened = await openHere();
  client = createClient((request) => opened.fetch(request));
  patient = await client.patient(NUMBERS.line);
});

const { Authorization: _none, ...WITHOUT_TICKET } = GOOD;

const ask = (
  query: string,
  headers: Readonly<Record<string, string | null>> = {},
  method = 'GET',
): Promise<Reply> => client.call(method, `/fhir/$header-check${query}`, { as: null, headers });

/** The client fills in what a pattern asks for; here nothing. */
const NOTHING = { 'X-Request-ID': null, 'X-User-Agent': null };

const errorsIn = (reply: Reply): readonly string[] =>
  issuesOf(reply)
    .filter(({ severity }) => severity === 'error')
    .map(({ location, detail }) => `${location?.[0]} ${detail}`);

const about = (reply: Reply, header: string): readonly ShownIssue[] =>
  issuesOf(reply).filter(({ location }) => location?.[0] === `http.${header}`);

const ruled = (reply: Reply, rule: string): readonly ShownIssue[] =>
  issuesOf(reply).filter(({ diagnostics }) => diagnostics.startsWith(`${rule},`));

describe('$header-check', () => {
  it('needs a pattern that there is, and lists them', async () => {
    for (const query of ['', '?pattern=', '?pattern=2.4', '?pattern=discovery']) {
      const reply = await ask(query);
      expect(reply.status).toBe(400);
      expect(issuesOf(reply)).toMatchObject([{ code: 'value', location: ['http.pattern'] }]);
      for (const pattern of RULED_PATTERNS) expect(reply.text).toContain(pattern);
    }
  });

  it('refuses a kind of caller that there is not, and lists them', async () => {
    const reply = await ask('?pattern=2.1&kind=doctor');
    expect([reply.status, issuesOf(reply)[0]?.diagnostics]).toEqual([
      400,
      'kind must be one of care, pharmacy, mediated, machine.',
    ]);
  });

  it('takes GET and POST, in the URL or as Parameters, and says so to the others', async () => {
    const inUrl = await ask('?pattern=2.1', NOTHING, 'POST');
    expect([inUrl.status, errorsIn(inUrl)]).toEqual([
      200,
      ['http.X-User-Agent header-missing', 'http.X-Request-ID header-missing'],
    ]);
    const body = { resourceType: 'Parameters', parameter: [{ name: 'pattern', valueCode: '2.1' }] };
    const inBody = await client.call('POST', '/fhir/$header-check', { as: null, body });
    expect(inBody.status).toBe(200);
    const put = await ask('?pattern=2.1', {}, 'PUT');
    expect([put.status, put.headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST']);
  });

  it.each(RULED_PATTERNS)(
    'has each rule of pattern %s, with its number, words and source',
    async (pattern) => {
      const reply = await ask(`?pattern=${pattern}&kind=care`, WITHOUT_TICKET);
      expect(reply.status).toBe(200);
      for (const name of HEADER_NAMES) {
        const cell = HEADER_TABLE[pattern][name];
        const [rule] = about(reply, name).filter(({ diagnostics }) => diagnostics.includes(cell.words));
        expect(rule?.diagnostics, name).toContain(cell.swedish);
        expect(rule?.diagnostics, name).toContain('NLL handbook');
        if (cell.rule !== undefined) expect(rule?.diagnostics, name).toMatch(new RegExp(`^${cell.rule},`));
      }
      for (const { id } of FILTERING_RULES) {
        expect(ruled(reply, id)).toMatchObject([
          {
            severity: 'information',
            detail: 'rule-not-applicable',
            diagnostics: expect.stringContaining('no such resource'),
          },
        ]);
      }
    },
  );

  it.each(RULED_PATTERNS)('finds no fault in the good headers of pattern %s', async (pattern) => {
    const token = await client.token('prescriber');
    const reply = await ask(`?pattern=${pattern}`, {
      ...GOOD,
      'X-PatientRef': patient,
      Authorization: `Bearer ${token}`,
    });
    expect(errorsIn(reply)).toEqual([]);
  });

  it('refuses nothing: not the ticket, not Accept, not the headers', async () => {
    const reply = await ask('?pattern=2.2.2&kind=care', {
      'X-Purpose': 'nej',
      'X-Access': 'nej',
      'X-PatientRef': 'a b',
      'X-Org-Info': '%%%',
      'X-User-Agent': 'MyApp/1.0',
      'X-Request-ID': '42',
      'X-Context-ID': '42',
      'X-Call-Type': 'delayed',
      Accept: 'text/plain',
      Authorization: 'Bearer no.such.token',
    });
    expect(reply.status).toBe(200);
    expect([...errorsIn(reply)].sort()).toEqual([
      'http.Accept media-type',
      'http.Authorization ticket-invalid',
      'http.X-Access header-code-unknown',
      'http.X-Call-Type header-value',
      'http.X-Context-ID header-malformed',
      'http.X-Org-Info header-malformed',
      'http.X-PatientRef header-malformed',
      'http.X-Purpose header-code-unknown',
      'http.X-Request-ID header-malformed',
      'http.X-User-Agent header-malformed',
    ]);
  });

  it('says of an ignored header that it is, and warns that it is not needed', async () => {
    const reply = await ask('?pattern=2.1', { ...WITHOUT_TICKET, 'X-Provenance': 'not base64!' });
    expect(about(reply, 'X-Provenance')).toMatchObject([
      {
        severity: 'information',
        detail: 'header-ignored',
        diagnostics: expect.stringContaining('it was sent'),
      },
    ]);
    const [general] = issuesOf(reply).filter(({ severity }) => severity === 'warning');
    expect(general?.diagnostics).toContain('Pattern 2.1 ignores X-Purpose, X-Access, X-Provenance');
  });

  it('tells the ticket’s holder by the ticket, whatever the parameter says', async () => {
    const token = await client.token('pharmacist');
    const reply = await ask('?pattern=2.2.1&kind=care', { ...GOOD, Authorization: `Bearer ${token}` });
    expect(about(reply, 'X-Org-Info')).toMatchObject([
      { severity: 'warning', detail: 'org-info-not-allowed' },
    ]);
  });

  it.each([
    ['care', 'GK4', 'header-missing'],
    ['mediated', 'GK5', 'header-missing'],
    ['pharmacy', 'GK4/GK5', 'header-ok'],
    ['machine', 'GK4/GK5', 'header-ok'],
  ])('asks of kind=%s without a token what %s asks', async (kind, rule, detail) => {
    const reply = await ask(`?pattern=2.2.1&kind=${kind}`, { ...WITHOUT_TICKET, 'X-Org-Info': null });
    expect(about(reply, 'X-Org-Info')).toMatchObject([
      { detail, diagnostics: expect.stringMatching(new RegExp(`^${rule},`)) },
    ]);
  });

  it('cannot tell X-Org-Info of nobody', async () => {
    const reply = await ask('?pattern=2.2.1', { ...WITHOUT_TICKET, 'X-Org-Info': null });
    expect(about(reply, 'X-Org-Info')).toMatchObject([{ detail: 'rule-not-applicable' }]);
  });

  it('shows the row of the matrix, verified or ours, and what it comes to', async () => {
    const token = await client.token({ role: 'citizen', patient });
    const reply = await ask('?pattern=2.2.2', { ...GOOD, Authorization: `Bearer ${token}` });
    expect(errorsIn(reply)).toContain('http.X-Purpose combination-not-allowed');
    expect(reply.text).toContain('Row of the matrix for MedicationRequest (verified), does not apply');
    const simulated = await ask('?pattern=2.2.2&kind=mediated', {
      ...WITHOUT_TICKET,
      'X-Purpose': 'SIM_EGNA_UPPGIFTER',
      'X-Access': 'SIM_VARDNADSHAVARE',
    });
    expect(simulated.text).toContain('the code itself is assumed, ours');
    expect(errorsIn(simulated)).toEqual(['http.Authorization ticket-missing']);
  });

  it('asks X-ProxyRef of a guardian', async () => {
    const reply = await ask('?pattern=2.2.2&kind=mediated', {
      ...WITHOUT_TICKET,
      'X-Purpose': 'SIM_EGNA_UPPGIFTER',
      'X-Access': 'SIM_VARDNADSHAVARE',
      'X-ProxyRef': null,
    });
    expect(errorsIn(reply)).toContain('http.X-ProxyRef header-missing');
  });

  it('judges the level of assurance of the ticket', async () => {
    const low = await client.token({ role: 'nurse', fault: 'loa-2' });
    const reply = await ask('?pattern=2.2.1', { ...GOOD, Authorization: `Bearer ${low}` });
    expect(errorsIn(reply)).toEqual(['http.Authorization loa-too-low']);
  });

  it('allows a SAML assertion its size where SAML is accepted, and nowhere else', async () => {
    const keys = await makeKeys();
    const token = await assertionToken(keys, { attributes: { ...NURSE, 'urn:filler': 'x'.repeat(18_000) } });
    const Authorization = `Bearer ${token}`;
    const issuer = {
      issuer: SAML_ISSUER,
      audience: 'https://facade.example/fhir',
      certificates: [keys.certificatePem],
    };
    const opened = await openHere({ SANDBOX: 'on', TOKEN_ISSUERS: JSON.stringify([issuer]) });
    const caller = createClient((request) => opened.fetch(request));
    const large = { as: null, headers: { ...GOOD, Authorization } };
    const accepted = await caller.get('/fhir/$header-check?pattern=2.2.1', large);
    expect(accepted.text).toContain('The headers are small enough');
    expect(accepted.text).not.toContain('header-too-large');
    const elsewhere = await ask('?pattern=2.2.1', large.headers);
    expect(elsewhere.text).toContain('Authorization is ');
    expect(elsewhere.text).toContain('header-too-large');
    await opened.close?.();
  });

  it('names a header that goes by another name in NLL', async () => {
    const reply = await ask('?pattern=2.1', {
      'X-System-ID': 'x',
      'X-Correlation-ID': GOOD['X-Context-ID'],
      'X-Request-ID': GOOD['X-Request-ID'],
    });
    expect(about(reply, 'X-System-ID')[0]?.diagnostics).toContain('its name is X-User-Agent');
    expect(about(reply, 'X-Correlation-ID')).toMatchObject([{ severity: 'warning' }]);
  });

  it('never repeats a national identity number, and refuses one in the URL', async () => {
    const reply = await ask('?pattern=2.2.2&kind=care', {
      ...WITHOUT_TICKET,
      'X-PatientRef': NUMBERS.line,
      'X-Purpose': NUMBERS.line,
      'X-Request-ID': NUMBERS.line,
    });
    expect(reply.text).not.toContain(NUMBERS.line);
    const inUrl = await ask(`?pattern=2.1&patient=${NUMBERS.line}`);
    expect([inUrl.status, issuesOf(inUrl)[0]?.code]).toEqual([400, 'security']);
  });

  it('is kept by no cache', async () => {
    const reply = await ask('?pattern=2.1');
    expect(reply.headers.get('Cache-Control')).toBe('no-store');
  });
});
