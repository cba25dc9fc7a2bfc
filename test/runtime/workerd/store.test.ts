import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { openD1 } from '../../../src/runtime/workerd/d1.ts';
import { storeSuite } from '../store-suite.ts';

storeSuite('D1 on workerd', async () => {
  await reset();
  return openD1(env.DB);
});
