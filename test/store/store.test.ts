import { memoryDatabase } from '../helpers/memory-database.ts';
import { storeSuite } from '../runtime/store-suite.ts';

storeSuite('node:sqlite', async () => memoryDatabase());
