import { openOnNode } from './node.ts';
import { e2eSuite } from './suite.ts';

e2eSuite('the facade on Node with SQLite', openOnNode);
