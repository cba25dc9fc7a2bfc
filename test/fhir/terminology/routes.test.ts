import { createHash } from 'node:crypto';
import type { OperationOutcome, Parameters, ValueSet } from '@medplum/fhirtypes';
import { afterAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { parseConfig } from '../../../src/config.ts';
import { TERMINOLOGY_OPERATIONS } from '../../../src/fhir/terminology/operations.ts';
import { SANDBOX } from '../../../src/sandbox/plug.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';

const open = async () => {
  const config = parseConfig({});
  if (!config.ok) throw new Error(config.failure);
  const database = memoryDatabase();
  const app = await createApp(
    config.value,
    {
      database,
      clock: () => Date.parse('2026-03-03T07:00:05Z'),
      fetch: () => Promise.reject(new Error('nothing leaves')),
      background: (work) => {
        work.catch(() => undefined);
      },
      sha256: (text) => createHash('sha256').update(text).digest('base64url'),
      log: () => undefined,
      shared: false,
    },
    SANDBOX,
  );
  return { app, close: () => database.close() };
};

const { app, close } = await open();
afterAll(close);

const call = async (path: string, init: RequestInit = {}) => {
  const response = await app.fetch(new Request(`http://127.0.0.1:8787/fhir/${path}`, init));
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  };
};

const JSON_BODY = { 'Content-Type': 'application/fhir+json' };

const post = (path: string, ...parameter: readonly object[]) =>
  call(path, {
    method: 'POST',
    headers: JSON_BODY,
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  });

const result = ({ json }: { readonly json: Parameters }): unknown => json.parameter?.[0]?.valueBoolean;
const codes = ({ json }: { readonly json: ValueSet }) => json.expansion?.contains?.map(({ code }) => code);

const OWN = 'https://nordic-fhir-facade.dev/fhir';
const KINDS = ['samtykke', 'reservasjon', 'tilgangsbegrensning'];
const coding = { system: `${OWN}/CodeSystem/pvk-type`, code: 'samtykke' };

describe('without token and headers, by GET and POST, on type and instance', () => {
  test('ValueSet/$expand', async () => {
    const url = `${OWN}/ValueSet/pvk-type`;
    const byGet = await call(`ValueSet/$expand?url=${encodeURIComponent(url)}`);
    expect(byGet.status).toBe(200);
    expect(byGet.headers.get('content-type')).toContain('application/fhir+json');
    expect(codes(byGet)).toEqual(KINDS);
    expect(codes(await call('ValueSet/pvk-type/$expand'))).toEqual(KINDS);
    expect(codes(await post('ValueSet/$expand', { name: 'url', valueUri: url }))).toEqual(KINDS);
    expect(codes(await post('ValueSet/pvk-type/$expand', { name: 'count', valueInteger: 1 }))).toEqual([
      'samtykke',
    ]);
    expect(codes(await call('ValueSet/pvk-type/$expand?count=1&offset=1&filter=s'))).toEqual(['reservasjon']);
  });

  test('ValueSet/$expand of a ValueSet that the call brings along, in Parameters or bare', async () => {
    const resource = {
      resourceType: 'ValueSet',
      status: 'draft',
      compose: { include: [{ system: `${OWN}/CodeSystem/pvk-type` }] },
    };
    expect(codes(await post('ValueSet/$expand', { name: 'valueSet', resource }))).toEqual(KINDS);
    const init = {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify(resource),
    };
    expect(codes(await call('ValueSet/$expand', init))).toEqual(KINDS);
  });

  test('ValueSet/$validate-code', async () => {
    const query = `system=${encodeURIComponent(coding.system)}&code=samtykke`;
    expect(result(await call(`ValueSet/pvk-type/$validate-code?${query}`))).toBe(true);
    expect(result(await call(`ValueSet/pvk-type/$validate-code?${query}x`))).toBe(false);
    const url = { name: 'url', valueUri: `${OWN}/ValueSet/pvk-type` };
    expect(result(await post('ValueSet/$validate-code', url, { name: 'coding', valueCoding: coding }))).toBe(
      true,
    );
    const concept = { name: 'codeableConcept', valueCodeableConcept: { coding: [{ code: 'x' }, coding] } };
    expect(result(await post('ValueSet/$validate-code', url, concept))).toBe(true);
  });

  test('CodeSystem/$validate-code', async () => {
    expect(result(await call('CodeSystem/pvk-type/$validate-code?code=samtykke'))).toBe(true);
    expect(result(await post('CodeSystem/$validate-code', { name: 'coding', valueCoding: coding }))).toBe(
      true,
    );
    const url = encodeURIComponent(coding.system);
    expect(result(await call(`CodeSystem/$validate-code?url=${url}&code=nei`))).toBe(false);
  });

  test('CodeSystem/$lookup', async () => {
    const { status, json } = await call(
      `CodeSystem/$lookup?system=${encodeURIComponent(coding.system)}&code=samtykke`,
    );
    expect(status).toBe(200);
    expect(json.parameter[0]).toEqual({ name: 'name', valueString: 'PvkType' });
    expect((await post('CodeSystem/$lookup', { name: 'coding', valueCoding: coding })).status).toBe(200);
  });

  test('HEAD answers without a body', async () => {
    const { status, text } = await call('ValueSet/pvk-type/$expand', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
  });
});

describe('what is refused, as an OperationOutcome', () => {
  test.each([
    ['an unknown url', 'ValueSet/$expand?url=urn:x:unknown', 404, 'not-found'],
    ['an unknown id', 'ValueSet/unknown/$expand', 404, 'not-found'],
    ['a fragment', 'ValueSet/pvk-definition/$expand', 422, 'not-supported'],
    ['no ValueSet', 'ValueSet/$expand', 400, 'required'],
    ['two ValueSets', 'ValueSet/pvk-type/$expand?url=urn:x:a', 400, 'invalid'],
    ['an unknown parameter', 'ValueSet/pvk-type/$expand?fliter=x', 400, 'not-supported'],
    [
      'a parameter that R4 has and this server has not',
      'ValueSet/pvk-type/$expand?date=2026',
      400,
      'not-supported',
    ],
    ['a parameter twice', 'ValueSet/pvk-type/$expand?filter=a&filter=b', 400, 'structure'],
    ['a count that is none', 'ValueSet/pvk-type/$expand?count=-1', 400, 'value'],
    ['a Coding in the URL', 'ValueSet/pvk-type/$validate-code?coding=a', 400, 'value'],
    ['a code without its system', 'ValueSet/pvk-type/$validate-code?code=samtykke', 400, 'required'],
    ['nothing to validate', 'CodeSystem/pvk-type/$validate-code', 400, 'required'],
    [
      'another url than the one of the path',
      'CodeSystem/pvk-type/$validate-code?url=urn:x:a&code=a',
      400,
      'invalid',
    ],
    ['nothing to look up', 'CodeSystem/$lookup?code=a', 400, 'required'],
    ['an unknown code', `CodeSystem/$lookup?system=${coding.system}&code=x`, 404, 'not-found'],
  ])('%s', async (_rule, path, status, code) => {
    const answer = await call(path);
    const outcome: OperationOutcome = answer.json;
    expect([answer.status, outcome.resourceType, outcome.issue[0]?.code]).toEqual([
      status,
      'OperationOutcome',
      code,
    ]);
  });

  test('every fault at once, each with its place', async () => {
    const { json } = await call('ValueSet/pvk-type/$expand?count=x&colour=red&offset=y');
    expect((json as OperationOutcome).issue.map(({ location }) => location?.[0])).toEqual([
      'http.count',
      'http.colour',
      'http.offset',
    ]);
    const { json: posted } = await post(
      'ValueSet/pvk-type/$expand',
      { name: 'filter', valueString: 'a' },
      { name: 'count', valueString: 'many' },
    );
    expect((posted as OperationOutcome).issue[0]?.expression).toEqual(['Parameters.parameter[1]']);
  });

  test('Parameters that are not R4', async () => {
    const answer = await post('ValueSet/$expand', { name: 'url', valueUri: 7 });
    expect(answer.status).toBe(400);
    expect((await call('ValueSet/$expand', { method: 'POST', headers: JSON_BODY, body: '{' })).status).toBe(
      400,
    );
  });

  test('another method, with Allow', async () => {
    for (const path of ['ValueSet/$expand', 'ValueSet/pvk-type/$expand', 'CodeSystem/$lookup']) {
      const { status, headers } = await call(path, { method: 'PUT' });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    }
  });
});

test('the CapabilityStatement names every operation at its type', async () => {
  const { json } = await call('metadata');
  for (const { type, name, definition } of TERMINOLOGY_OPERATIONS) {
    const resource = json.rest[0].resource.find((one: { type: string }) => one.type === type);
    expect(resource.operation).toContainEqual(expect.objectContaining({ name, definition }));
  }
});
