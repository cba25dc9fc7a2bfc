/**
 * What answers a D1 binding under `workerd serve`: the statements of one call in one transaction over the SQLite of
 * a Durable Object, which is what D1 is. Speaks the protocol of workerd's own `cloudflare-internal:d1-api`.
 */
import { DurableObject } from 'cloudflare:workers';

export class D1 extends DurableObject {
  run({ sql: text, params }) {
    const { sql } = this.ctx.storage;
    const before = this.changes();
    const cursor = sql.exec(text, ...(params ?? []));
    const rows = [...cursor.raw()];
    const changes = this.changes() - before;
    return {
      success: true,
      results: { columns: cursor.columnNames, rows },
      meta: { duration: 0, changes, rows_read: cursor.rowsRead, rows_written: cursor.rowsWritten },
    };
  }

  changes() {
    return this.ctx.storage.sql.exec('select total_changes() as n').one().n;
  }

  async fetch(request) {
    const asked = await request.json();
    const statements = Array.isArray(asked) ? asked : [asked];
    try {
      return Response.json(
        this.ctx.storage.transactionSync(() => statements.map((statement) => this.run(statement))),
      );
    } catch (error) {
      return Response.json({ success: false, error: String(error.message ?? error) });
    }
  }
}

export default {
  fetch(request, { D1: namespace }) {
    return namespace.get(namespace.idFromName('bench')).fetch(request);
  },
};
