import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { openD1 } from '../../../src/runtime/workerd/d1.ts';
import { storeSuite } from '../store-suite.ts';
import { textSuite } from '../text-suite.ts';

const open = async () => {
  await reset();
  return openD1(env.DB);
};

storeSuite('D1 on workerd', open);
textSuite('D1 on workerd', open);
