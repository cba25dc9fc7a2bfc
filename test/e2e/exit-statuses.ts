import type { Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { CallOptions, Client } from './client.ts';
import { NUMBERS, reservasjon, samtykke, tilgangsbegrensning, withdrawn } from './fixtures.ts';
import { idIn, type Reply } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const JSON_TYPE = 'application/fhir+json; charset=utf-8';
const XML_TYPE = 'application/fhir+xml; charset=utf-8';

/** What is asked for, and what is given: a browser, which would rather have HTML, is shown JSON. */
const ACCEPTS = [
  ['JSON', 'application/fhir+json', JSON_TYPE],
  ['XML', 'application/fhir+xml', XML_TYPE],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', JSON_TYPE],
] as const;

/** A call with this Accept that ends in the status. */
type Provoke = (server: Client, accept: Readonly<Record<string, string>>) => Promise<Reply>;

const clinic: Organization = { resourceType: 'Organization', name: 'Klinik' };
const asSystem = (headers: CallOptions['headers'] = {}): CallOptions => ({ as: 'system', headers });

const replaced = async (server: Client, headers: CallOptions['headers']): Promise<Reply> => {
  const id = idIn(await server.post('/fhir/Organization', clinic, asSystem()));
  return server.put(`/fhir/Organization/${id}`, { ...clinic, id, active: false }, asSystem(headers));
};

const created =
  (body: unknown, fault?: readonly [system: string, kind: string]): Provoke =>
  async (server, headers) => {
    if (fault !== undefined) await server.fault(...fault, 3);
    return server.post('/fhir/Consent', body, { headers });
  };

/** Every status that a call can end in, each with a resource of the client's own or an OperationOutcome. */
const WITH_BODY: readonly (readonly [status: number, provoke: Provoke])[] = [
  [200, (server, headers) => server.get('/fhir/Organization/kolind-apotek', { headers })],
  [200, (server, headers) => server.get('/fhir/metadata', { headers })],
  [200, (server, headers) => server.get('/fhir/Organization?name=Kolind', { headers })],
  [201, (server, headers) => server.post('/fhir/Organization', clinic, asSystem(headers))],
  [400, created({ ...samtykke(), colour: 'red' })],
  [400, created('{')],
  [400, (server, headers) => server.get('/fhir/Organization?colour=red', { headers })],
  [401, (server, headers) => server.get('/fhir/Consent/x', { as: null, headers })],
  [403, (server, headers) => server.post('/fhir/Organization', clinic, { headers })],
  [404, (server, headers) => server.get('/fhir/Organization/never-was', { headers })],
  [404, (server, headers) => server.get('/fhir/Nonsense', { headers })],
  [405, (server, headers) => server.delete('/fhir/metadata', { headers })],
  [
    409,
    async (server, headers) => {
      await server.post('/fhir/Consent', samtykke());
      return server.post('/fhir/Consent', withdrawn(samtykke()), { headers });
    },
  ],
  [
    410,
    async (server, headers) => {
      const id = idIn(await server.post('/fhir/Organization', clinic, asSystem()));
      await server.delete(`/fhir/Organization/${id}`, asSystem());
      return server.get(`/fhir/Organization/${id}`, { headers });
    },
  ],
  [412, (server, accept) => replaced(server, { ...accept, 'If-Match': 'W/"7"' })],
  [413, created({ ...samtykke(), language: 'n'.repeat(30_000) })],
  [415, (server, accept) => replaced(server, { ...accept, 'Content-Type': 'text/plain' })],
  [422, created({ ...samtykke(), provision: { type: 'deny' } })],
  [
    428,
    async (server, headers) => {
      const made = await server.post('/fhir/Consent', tilgangsbegrensning());
      return server.delete(`/fhir/Consent/${idIn(made)}`, { headers });
    },
  ],
  [
    431,
    (server, accept) =>
      server.get('/fhir/Organization', { headers: { ...accept, 'X-Filler': 'x'.repeat(9000) } }),
  ],
  [502, created(reservasjon(), ['helsenorge', 'garbage'])],
  [503, created(reservasjon(NUMBERS.line), ['helseid', 'reset'])],
  [504, created(samtykke(NUMBERS.line), ['helsenorge', 'lost-reply'])],
];

/** What has nothing to say has no media type either. */
const WITHOUT_BODY: readonly (readonly [status: number, provoke: Provoke])[] = [
  [
    201,
    (server, accept) =>
      server.post('/fhir/Organization', clinic, asSystem({ ...accept, Prefer: 'return=minimal' })),
  ],
  [204, (server, headers) => server.delete('/fhir/Organization/never-was', asSystem(headers))],
  [
    304,
    (server, accept) =>
      server.get('/fhir/Organization/kolind-apotek', { headers: { ...accept, 'If-None-Match': '*' } }),
  ],
];

export const exitStatuses: Theme = (open) => {
  describe.each(ACCEPTS)('what is answered to %s (%s)', (_, Accept, type) => {
    const server = useServer(open, { MAX_BODY: '20000', UPSTREAM_DEADLINE: '700ms' });

    it.each(WITH_BODY)('is of its media type when the status is %i', async (status, provoke) => {
      const reply = await provoke(server, { Accept });
      expect([reply.status, reply.headers.get('Content-Type')]).toEqual([status, type]);
      const outcome = type === XML_TYPE ? '<OperationOutcome xmlns=' : '"resourceType":"OperationOutcome"';
      expect(reply.text.includes(outcome)).toBe(status >= 400);
      if (type === XML_TYPE) expect(reply.text).toContain('xmlns="http://hl7.org/fhir"');
    });

    it.each(WITHOUT_BODY)('has no body and no media type when the status is %i', async (status, provoke) => {
      const reply = await provoke(server, { Accept });
      expect([reply.status, reply.text, reply.headers.get('Content-Type')]).toEqual([status, '', null]);
    });
  });
};
