import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { NotInXml } from '../src/fhir/xml/write.ts';
import type { Facade } from '../src/interactions/stages.ts';
import { mountFallbacks, withCors } from '../src/routes/shell.ts';

const app = new Hono();
app.all('/fhir/metadata', (context) => context.text('answer', 200, { ETag: 'W/"1"' }));

const URL = 'https://facade.example/fhir/metadata';
const call = (origins: readonly string[], headers: Record<string, string>, method = 'GET') =>
  withCors(app, { corsOrigins: origins })(new Request(URL, { method, headers }));

describe('CORS', () => {
  it('a browser of any origin may read answers and their ETag when CORS_ORIGINS is *', async () => {
    const answer = await call(['*'], { Origin: 'https://app.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(await answer.text()).toBe('answer');
  });

  it('only the origins listed may, and caches are told that the answer depends on it', async () => {
    const origins = ['https://app.example'];
    const [listed, other] = await Promise.all([
      call(origins, { Origin: 'https://app.example' }),
      call(origins, { Origin: 'https://other.example' }),
    ]);
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(listed.headers.get('vary')).toContain('Origin');
  });

  it('what a browser fetches without an origin may be shown later to one with an origin, and says so', async () => {
    const answer = await call(['https://app.example'], { 'Sec-Fetch-Mode': 'navigate' });
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it('a preflight is answered with the methods, and never reaches the app', async () => {
    const answer = await call(
      ['*'],
      { Origin: 'https://app.example', 'Access-Control-Request-Method': 'PUT' },
      'OPTIONS',
    );
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(answer.headers.get('etag')).toBeNull();
  });

  it('no browser, no CORS headers; and none for anybody when no origin is configured', async () => {
    expect((await call(['*'], {})).headers.get('access-control-allow-origin')).toBeNull();
    const closed = await call([], { Origin: 'https://app.example' });
    expect(closed.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what is stored and XML cannot hold', () => {
  it('is 406 that names JSON, in JSON, and never 500', async () => {
    const stored = new Hono();
    stored.get('/fhir/Organization/x', () => {
      throw new NotInXml('no place');
    });
    // Only what the answer is rendered by.
    const stages = { headers: {}, formats: ['json', 'xml'], toXml: () => '' } as unknown as Facade['stages'];
    const server = { log: () => undefined } as unknown as Facade['server'];
    mountFallbacks(stored, { stages, server });
    const answer = await stored.request('/fhir/Organization/x', {
      headers: { Accept: 'application/fhir+xml' },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      406,
      expect.stringContaining('application/fhir+json'),
    ]);
    expect(await answer.text()).toContain('application/fhir+json');
  });
});

describe('what nobody expected', () => {
  it('is 500, logged by its place and never by its message, which may have lines', async () => {
    const broken = new Hono();
    broken.get('/fhir/Organization/x', () => {
      throw new Error('first line\nsecond line, of somebody');
    });
    const logged: unknown[] = [];
    // Only what the answer is rendered by.
    const stages = { headers: {}, formats: ['json', 'xml'], toXml: () => '' } as unknown as Facade['stages'];
    const server = { log: (...line: unknown[]) => logged.push(line) } as unknown as Facade['server'];
    mountFallbacks(broken, { stages, server });
    expect((await broken.request('/fhir/Organization/x')).status).toBe(500);
    expect(logged).toEqual([
      ['error', 'a call failed unexpectedly', { error: 'Error', place: expect.stringMatching(/^at /) }],
    ]);
    expect(JSON.stringify(logged)).not.toContain('somebody');
  });
});
