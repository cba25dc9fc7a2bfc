/** One Hono route that answers fixed bytes: what the HTTP server alone can do. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const body = process.env['BODY'] ?? '';
const headers = { 'Content-Type': 'application/fhir+json; charset=utf-8' };

const app = new Hono();
app.get('/fhir/:type/:id', (context) => context.body(body, 200, headers));

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT'] ?? '0') }, (info) =>
  process.stdout.write(`ready on http://127.0.0.1:${info.port}\n`),
);
