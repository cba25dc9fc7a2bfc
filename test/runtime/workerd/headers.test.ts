import { exports } from 'cloudflare:workers';
import { headerCellSuite } from '../../headers/cells.ts';

headerCellSuite('each cell of the header table, on workerd', async () => ({
  fetch: (request) => exports.default.fetch(request),
}));
