import { describe, expect, it } from 'vitest';
import { failure, type Issue } from '../../src/failure.ts';
import { parseJson } from '../../src/http/body.ts';
import type { Call } from '../../src/interactions/call.ts';
import type { Server } from '../../src/interactions/server.ts';
import { validate } from '../../src/interactions/validate.ts';
import type { Preflight, ResourceEntry, WriteRules } from '../../src/resources/entry.ts';
import { fail, ok } from '../../src/result.ts';
import type { JsonValue } from '../../src/systems/system.ts';
import { makeCaller } from '../security/make-caller.ts';

const NOW = 1_000_000;

/** What a create needs that concerns no patient and is found by nothing. */
const serverWith = (found: readonly Issue[]): Server =>
  ({
    bodies: { maxBody: 1000, formats: ['json'], fromXml: () => fail(failure('malformed', 'structure', '')) },
    validate: () => found,
    clock: () => NOW,
    upstreamDeadline: 10_000,
    indexOf: () => ({}),
    patients: {},
  }) as unknown as Server;

const asked: { request: JsonValue; preflight: Preflight }[] = [];

const entryWith = (answer: Awaited<ReturnType<NonNullable<WriteRules['preflight']>>>): ResourceEntry => ({
  type: 'Basic',
  kind: 'foces-whitelisting',
  interactions: ['create'],
  pattern: '2.2.1',
  confidential: true,
  searchParameters: [],
  documentation: '',
  write: {
    system: 'fmk',
    plan: ({ resource }) =>
      ok({
        ...(resource === undefined ? {} : { resource }),
        request: { whitelist: 1 },
        onUnchanged: 'keep',
        issues: [],
      }),
    sameContent: () => false,
    preflight: async (request, preflight) => {
      asked.push({ request, preflight });
      return answer;
    },
  },
});

const ask = async (entry: ResourceEntry, query: string, found: readonly Issue[] = []) => {
  asked.length = 0;
  const caller = makeCaller('pharmacist');
  const call: Call = {
    request: new Request('https://facade.example/fhir/Basic/$validate', {
      method: 'POST',
      headers: { 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Basic' }),
    }),
    base: 'https://facade.example/fhir',
    entry,
    interaction: 'operation',
    parameters: [...new URLSearchParams(query)],
    authority: { caller, callerKey: 'k', callerKeys: ['k'], ownOnly: false, grants: [] },
    values: { callType: 'NORMAL', requestId: 'a-request' },
    prefer: {},
    patientRules: '',
    warnings: [],
  };
  const answer = await validate(serverWith(found))(call, {});
  if (!answer.ok) return answer.failure.kind;
  const outcome = parseJson(answer.value.json ?? '');
  return outcome.ok ? outcome.value : undefined;
};

const warning: Issue = { severity: 'warning', code: 'business-rule', diagnostics: 'said there' };

describe('$validate with remote=true', () => {
  it('asks the national system about what a create would send, and tells its findings', async () => {
    const outcome = await ask(entryWith(ok([warning])), 'mode=create&remote=true');
    expect(outcome).toMatchObject({ issue: [{ severity: 'warning', diagnostics: 'said there' }] });
    expect(asked).toMatchObject([
      { request: { whitelist: 1 }, preflight: { requestId: 'a-request', deadline: NOW + 10_000 } },
    ]);
  });

  it('asks nothing unless it is told to', async () => {
    await ask(entryWith(ok([])), 'mode=create');
    await ask(entryWith(ok([])), 'mode=create&remote=false');
    expect(asked).toEqual([]);
  });

  it('asks nothing about what would be refused here', async () => {
    const error: Issue = { severity: 'error', code: 'invariant', diagnostics: 'bad' };
    const outcome = await ask(entryWith(ok([])), 'remote=true', [error]);
    expect(asked).toEqual([]);
    expect(outcome).toMatchObject({ issue: [{ severity: 'error' }, { severity: 'information' }] });
  });

  it('fails as a call to that system fails', async () => {
    const away = failure('unavailable', 'transient', 'The system is away.');
    expect(await ask(entryWith(fail(away)), 'remote=true')).toBe('unavailable');
  });
});
