import { describe, expect, it } from 'vitest';
import { sql } from '../../src/ports.ts';
import { createClient } from '../e2e/client.ts';
import { openOver } from '../e2e/node.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

const REGION = '/fhir/Organization/vgr';
const DELETED = '/fhir/Organization/eksempel-sykehus';

describe('the directory of a sandbox whose database is older than the program', () => {
  it('gets what it never had, and not what was deleted from it', async () => {
    const database = memoryDatabase();
    const first = createClient((await openOver(database)).fetch);
    expect((await first.delete(DELETED, { as: 'system' })).status).toBe(204);
    // As an earlier program left it, which knew no Swedish regions.
    await database.batch(
      ['resource', 'history'].map((table) =>
        sql(`delete from ${table} where type = 'Organization' and id = 'vgr'`),
      ),
    );
    const again = createClient((await openOver(database)).fetch);
    expect((await again.get(REGION, { as: null })).status).toBe(200);
    expect((await again.get(DELETED, { as: null })).status).toBe(410);
    database.close();
  });
});
