import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createApp } from '../../../src/app.ts';
import { parseConfig } from '../../../src/config.ts';
import { openD1 } from '../../../src/runtime/workerd/d1.ts';
import { SANDBOX } from '../../../src/sandbox/plug.ts';
import { e2eSuite } from '../../e2e/suite.ts';

const sha256 = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
};

e2eSuite('the facade on workerd with D1', async (settings = {}) => {
  await reset();
  const config = parseConfig({ SANDBOX: 'on', ...settings });
  if (!config.ok) throw new Error(config.failure);
  const app = await createApp(
    config.value,
    {
      database: openD1(env.DB),
      clock: Date.now,
      fetch: () => Promise.reject(new Error('nothing leaves the sandbox')),
      background: (work) => {
        work.catch(() => undefined);
      },
      sha256,
      log: () => undefined,
      shared: true,
    },
    SANDBOX,
  );
  return { fetch: async (request) => app.fetch(request) };
});
