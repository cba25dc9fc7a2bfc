import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HEADER_NAMES, type HeaderName, RULED_PATTERNS } from '../../src/headers/table.ts';
import { createClient } from '../e2e/client.ts';
import { NUMBERS } from '../e2e/fixtures.ts';
import { callWith, expectPredicted, predict, STATES, type World } from './cells.ts';
import { openHere } from './open.ts';

let world: World;

beforeAll(async () => {
  const opened = await openHere();
  const client = createClient((request) => opened.fetch(request));
  world = { client, patient: await client.patient(NUMBERS.line) };
});

const everyHeader = <V>(value: fc.Arbitrary<V>): fc.Arbitrary<Record<HeaderName, V>> =>
  fc.record(
    Object.fromEntries(HEADER_NAMES.map((name) => [name, value])) as Record<HeaderName, fc.Arbitrary<V>>,
  );

describe('generated header sets over HTTP', () => {
  it('get the answer that the table predicts, all faults in one outcome', async () => {
    const states = everyHeader(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant('present' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...STATES) },
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RULED_PATTERNS),
        fc.nat(2),
        states,
        async (pattern, which, chosen) => {
          const stateOf = (name: HeaderName) => chosen[name];
          const reply = await callWith(world, pattern, stateOf, 'prescriber', {}, which);
          expectPredicted(reply, predict(pattern, stateOf));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never get a 500, and never anything but an OperationOutcome for a refusal', async () => {
    const visible = fc.string({ unit: fc.constantFrom(...'aAzZ09+/=%{}[]",:;.-_ é'), maxLength: 60 });
    const value = fc.oneof(
      visible,
      fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString('base64')),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RULED_PATTERNS),
        fc.constantFrom(...HEADER_NAMES),
        fc.constantFrom(...HEADER_NAMES),
        value,
        value,
        async (pattern, one, other, first, second) => {
          // The client holds every answer against what no answer may be, a 500 among them.
          const values = { [one]: first, [other]: second };
          const reply = await callWith(world, pattern, () => 'present', 'prescriber', values);
          expect([200, 201, 400, 401, 403, 406]).toContain(reply.status);
        },
      ),
      { numRuns: 300 },
    );
  });
});
