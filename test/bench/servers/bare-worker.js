/** Bare Hono as a Worker: what the platform and the router alone cost. */
import { Hono } from 'hono';

const app = new Hono();
app.get('/', (context) => context.text('ok'));

export default app;
