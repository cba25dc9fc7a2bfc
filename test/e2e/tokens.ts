import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke } from './fixtures.ts';
import type { Role } from './headers.ts';
import { idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const segment = (value: object): string =>
  btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const tokens: Theme = (open) => {
  describe('a call without a good token', () => {
    const server = useServer(open);

    it('is refused by 401, alone, with the bare challenge when there is none', async () => {
      const refused = await server.get('/fhir/Consent/x', { as: null, headers: { 'X-Request-ID': null } });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer');
      expect(issuesOf(refused)).toMatchObject([{ code: 'login', detail: 'ticket-missing' }]);
      expect(issuesOf(refused)).toHaveLength(1);
    });

    it.each([
      ['token-expired', 'expired', 'ticket-expired'],
      ['token-not-yet-valid', 'login', 'ticket-invalid'],
      ['token-bad-signature', 'login', 'ticket-invalid'],
      ['token-wrong-audience', 'login', 'ticket-invalid'],
    ])('is refused by 401 invalid_token for %s', async (fault, code, detail) => {
      const refused = await server.post('/fhir/Consent', samtykke(), { as: { role: 'prescriber', fault } });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
      expect(issuesOf(refused)).toMatchObject([{ code, detail }]);
      expect(await server.exchanges()).toEqual([]);
    });

    it.each([
      ['no JWT', 'Bearer rubbish'],
      ['another scheme', 'Basic dXNlcjpwYXNz'],
      ['an unsigned one', `Bearer ${segment({ alg: 'none' })}.${segment({ iss: 'x' })}.AA`],
      [
        'one of an unknown issuer',
        `Bearer ${segment({ alg: 'ES256', typ: 'at+jwt' })}.${segment({ iss: 'https://issuer.example' })}.AAAA`,
      ],
    ])('is refused by 401 for %s, and the token is not repeated', async (_, Authorization) => {
      const refused = await server.get('/fhir/Consent/x', { as: null, headers: { Authorization } });
      expect(refused.status).toBe(401);
      expect(refused.text).not.toContain(Authorization.slice(7));
    });

    it('is refused by 401 when the token has run out on the server’s clock', async () => {
      const Authorization = `Bearer ${await server.token('prescriber')}`;
      const good = await server.post('/fhir/Consent', samtykke(), {
        as: null,
        headers: { Authorization, 'X-Org-Info': 'eyJvcmdlbmhldHNPcnQiOiJTYWxhIn0=' },
      });
      expect(good.status).toBe(201);
      await server.advance(3_600_000);
      const late = await server.get('/fhir/Consent/x', { as: null, headers: { Authorization } });
      expect(late.status).toBe(401);
      expect(issuesOf(late)).toMatchObject([{ detail: 'ticket-expired' }]);
    });

    it.each([
      ['loa-missing', 'loa-too-low'],
      ['loa-2', 'loa-too-low'],
    ])('is refused by 403 security for the level of assurance of %s', async (fault, detail) => {
      const refused = await server.post('/fhir/Consent', samtykke(), { as: { role: 'prescriber', fault } });
      expect(refused.status).toBe(403);
      expect(issuesOf(refused)).toMatchObject([{ code: 'security', detail }]);
      expect(await server.exchanges()).toEqual([]);
    });

    it('may name no care provider while the sandbox grants everything to everybody', async () => {
      const as = { role: 'prescriber', fault: 'no-vardgivare' } as const;
      expect((await server.post('/fhir/Consent', samtykke(), { as })).status).toBe(201);
    });

    it('is no fault where the pattern ignores the token: a broken one still searches Organization', async () => {
      const found = await server.get('/fhir/Organization?_count=1', {
        as: null,
        headers: { Authorization: 'Bearer rubbish' },
      });
      expect(found.status).toBe(200);
    });

    it('is refused before what the body says is judged', async () => {
      const refused = await server.post('/fhir/Consent', '{', { as: null });
      expect(refused.status).toBe(401);
    });
  });

  describe('the metadata', () => {
    const server = useServer(open);

    it('name every kind of token that is taken', async () => {
      const { rest } = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
      const said = rest?.[0]?.security?.description ?? '';
      for (const kind of ['Bearer', 'JWT', 'DPoP', 'SAML 2.0']) expect(said).toContain(kind);
    });
  });

  describe('scopes', () => {
    const server = useServer(open);
    const withScope = (scope: string) => ({ role: 'prescriber', scope }) as const;

    it('narrow what the role may do, interaction by interaction', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const reading = withScope('user/Consent.rs');
      expect((await server.get(`/fhir/Consent/${id}`, { patient, as: reading })).status).toBe(200);
      const refused = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id }, { as: reading });
      expect(refused.status).toBe(403);
      expect(issuesOf(refused)).toMatchObject([{ code: 'forbidden' }]);
      expect((await server.delete(`/fhir/Consent/${id}`, { as: reading })).status).toBe(403);
      expect((await server.post('/fhir/Consent', samtykke(), { as: reading })).status).toBe(403);
      const onlyRead = withScope('user/Consent.r');
      expect((await server.get(`/fhir/Consent?status=active`, { patient, as: onlyRead })).status).toBe(403);
      const other = withScope('user/Organization.cruds');
      expect((await server.get(`/fhir/Consent/${id}`, { patient, as: other })).status).toBe(403);
      expect(await server.sent('Sett')).toHaveLength(1);
    });

    it('never widen it', async () => {
      const as = { role: 'prescriber', scope: 'system/*.cruds' } as const;
      expect((await server.get('/fhir/AuditEvent', { as })).status).toBe(403);
      expect(
        (await server.post('/fhir/Organization', { resourceType: 'Organization', name: 'x' }, { as })).status,
      ).toBe(403);
    });

    it('may name parameters: what does not match is out of reach, in reads and in searches', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const category = 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-type|reservasjon';
      const as = withScope(`user/Consent.rs?category=${category}`);
      expect((await server.get(`/fhir/Consent/${id}`, { patient, as })).status).toBe(403);
      const found = await server.get(`/fhir/Consent?patient=${patient}`, { patient, as });
      expect(found.status).toBe(200);
      expect(resourceIn(found, 'Bundle').entry).toBeUndefined();
    });

    it('that are none let nothing through', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const refused = await server.get('/fhir/Consent?status=active', { patient, as: withScope('openid') });
      expect(refused.status).toBe(403);
    });
  });

  describe('a token that speaks for another', () => {
    const server = useServer(open);
    const GUARDIAN = 'SIM_VARDNADSHAVARE';
    const PROXY = 'SIM_KOPFULLMAKT';
    const PATIENT = 'SIM_PATIENT';

    const stage = async (role: Role) => {
      const [holder, other] = [await server.patient(NUMBERS.line), await server.patient(NUMBERS.documented)];
      const consent = idIn(await server.post('/fhir/Consent', samtykke(NUMBERS.documented)));
      return { other, consent, holder, as: { role, patient: holder, represents: [other] } };
    };

    it.each([
      ['guardian', GUARDIAN],
      ['agent', PROXY],
    ] as const)('is shown with the access of a %s, and with X-ProxyRef', async (role, access) => {
      const { as, other, consent } = await stage(role);
      const path = `/fhir/Consent/${consent}`;
      const headers = { 'X-Access': access };
      expect((await server.get(path, { as, patient: other, headers })).status).toBe(200);
      const bare = { ...headers, 'X-ProxyRef': null };
      const refused = await server.get(path, { as, patient: other, headers: bare });
      expect([refused.status, issuesOf(refused)]).toMatchObject([
        400,
        [{ detail: 'header-missing', location: ['http.X-ProxyRef'] }],
      ]);
    });

    it.each([
      ['guardian', PATIENT],
      ['agent', PATIENT],
      ['guardian', 'NODATKOMST'],
    ] as const)('%s reads nobody’s data but its own as %s', async (role, access) => {
      const { as, other, consent, holder } = await stage(role);
      for (const proxy of [null, holder]) {
        const options = { as, patient: other, headers: { 'X-Access': access, 'X-ProxyRef': proxy } };
        const refusals = [
          await server.get(`/fhir/Consent/${consent}`, options),
          await server.get(`/fhir/Consent/${consent}/_history`, options),
          await server.get(`/fhir/Consent?patient=${other}`, options),
          await server.get(`/fhir/Patient/${other}`, options),
        ];
        for (const refused of refusals) {
          expect([refused.status, issuesOf(refused)]).toMatchObject([403, [{ detail: 'patient-mismatch' }]]);
        }
      }
    });

    it.each([
      ['guardian', PROXY],
      ['agent', GUARDIAN],
    ] as const)('%s has not the access %s, which is the other’s', async (role, access) => {
      const { as, other, consent } = await stage(role);
      const headers = { 'X-Access': access };
      const refused = await server.get(`/fhir/Consent/${consent}`, { as, patient: other, headers });
      expect([refused.status, issuesOf(refused)]).toMatchObject([
        403,
        [{ code: 'forbidden', detail: 'combination-not-allowed' }],
      ]);
    });

    it.each([GUARDIAN, PROXY])('no citizen has the access %s, though it names itself', async (access) => {
      const patient = await server.patient(NUMBERS.line);
      const refused = await server.get('/fhir/Consent?status=active', {
        as: { role: 'citizen', patient },
        patient,
        headers: { 'X-Access': access, 'X-ProxyRef': patient },
      });
      expect([refused.status, issuesOf(refused)]).toMatchObject([
        403,
        [{ detail: 'combination-not-allowed' }],
      ]);
    });

    it('is told so by $header-check too', async () => {
      const { as, other } = await stage('guardian');
      const headersOf = async (access: string) => ({
        Authorization: `Bearer ${await server.token(as)}`,
        'X-Purpose': 'SIM_EGNA_UPPGIFTER',
        'X-Access': access,
        'X-PatientRef': other,
      });
      const check = async (access: string) => {
        const headers = await headersOf(access);
        const reply = await server.get('/fhir/$header-check?pattern=2.2.2', { as: null, headers });
        return issuesOf(reply).flatMap(({ severity, detail }) => (severity === 'error' ? [detail] : []));
      };
      expect(await check(PATIENT)).toContain('patient-mismatch');
      expect(await check(GUARDIAN)).not.toContain('patient-mismatch');
      expect(await check(PROXY)).toContain('combination-not-allowed');
    });
  });

  describe('the acting organisation', () => {
    const own = '{"urn:oid:2.16.578.1.12.4.1.4.101|912159523":["3fe2a80a-4200-42e2-817b-da8a6236708a"]}';
    const server = useServer(open, { HELSENORGE_GRANTS: own });

    it('writes the definitions granted to it, and no other: 403 before any call', async () => {
      const as = { role: 'prescriber', organization: 'urn:oid:2.16.578.1.12.4.1.4.101|912159523' } as const;
      expect((await server.post('/fhir/Consent', samtykke(), { as })).status).toBe(201);
      const reservation = {
        ...samtykke(),
        category: [
          {
            coding: [
              { system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-type', code: 'reservasjon' },
            ],
          },
        ],
        policyRule: {
          coding: [
            {
              system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-definition',
              code: 'ecc56090-124b-4405-8137-2a616c683ffc',
            },
          ],
        },
        provision: { type: 'deny' },
      };
      expect((await server.post('/fhir/Consent', reservation, { as })).status).toBe(403);
      expect((await server.post('/fhir/Consent', samtykke(NUMBERS.line))).status).toBe(403);
      const none = { role: 'prescriber', organization: null } as const;
      expect((await server.post('/fhir/Consent', samtykke(NUMBERS.line), { as: none })).status).toBe(403);
      expect(await server.sent('Sett')).toHaveLength(1);
    });
  });
};
