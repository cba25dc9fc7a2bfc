/**
 * The nearest peer on npm, serving one resource that it keeps in memory: no token, no header rules, no store, no
 * audit. Its documentation has services answer instances of its own resource classes (`AS=class`); a plain object
 * (`AS=object`) spares it that work.
 */
import { createRequire } from 'node:module';

const { initialize, resolveSchema } = createRequire(import.meta.url)('@asymmetrik/node-fhir-server-core');

const text = process.env['BODY'] ?? '{}';
const plain = JSON.parse(text);
const Class = resolveSchema('4_0_1', plain.resourceType.toLowerCase());
const searchById =
  process.env['AS'] === 'class' ? async () => new Class(JSON.parse(text)) : async () => plain;

const server = initialize({
  profiles: { [plain.resourceType.toLowerCase()]: { versions: ['4_0_1'], service: { searchById } } },
  logging: { level: 'error' },
  server: {},
});
const port = Number(process.env['PORT']);
server.listen(port, '127.0.0.1', () => process.stdout.write(`ready on http://127.0.0.1:${port}\n`));
