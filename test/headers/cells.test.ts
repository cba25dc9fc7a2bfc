import { headerCellSuite } from './cells.ts';
import { openHere } from './open.ts';

headerCellSuite('each cell of the header table, on Node', openHere);
