/** Medplum's router over its MemoryRepository, behind the HTTP server that the facade uses as well. */
import { serve } from '@hono/node-server';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { Hono } from 'hono';

const router = new FhirRouter();
const repository = new MemoryRepository();

const app = new Hono();
app.post('/fhir/:type', async (context) => {
  const [outcome, resource] = await router.handleRequest(
    {
      method: 'POST',
      url: `/${context.req.param('type')}`,
      pathname: '',
      body: await context.req.json(),
      params: {},
      query: {},
      headers: {},
    },
    repository,
  );
  return context.json(resource ?? outcome, outcome.id === 'created' ? 201 : 400, {
    'Content-Type': 'application/fhir+json; charset=utf-8',
  });
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT']) }, (info) =>
  process.stdout.write(`ready on http://127.0.0.1:${info.port}\n`),
);
