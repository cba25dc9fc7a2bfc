/**
 * The statements of an audited read, and nothing else: what D1 itself allows. POST runs the statements of its body,
 * so that the database can be filled.
 */
const prepared = (db, { sql, params }) => db.prepare(sql).bind(...params);

export default {
  async fetch(request, { DB, STATEMENTS }) {
    if (request.method === 'POST') {
      await DB.batch((await request.json()).map((statement) => prepared(DB, statement)));
      return new Response('done');
    }
    const { read, audit } = STATEMENTS;
    const { results } = await prepared(DB, read).all();
    // Every record has an id of its own.
    await DB.batch([
      prepared(DB, { sql: audit.sql, params: [crypto.randomUUID(), ...audit.params.slice(1)] }),
    ]);
    return new Response(results[0].content, {
      headers: { 'Content-Type': 'application/fhir+json; charset=utf-8' },
    });
  },
};
