import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from '../../../src/fhir/patch/json-patch.ts';
import { NumberLiteral } from '../../../src/fhir/xml/literals.ts';

const patient = {
  resourceType: 'Patient',
  id: 'p1',
  meta: { versionId: '3', lastUpdated: '2026-03-03T07:00:05Z', tag: [{ code: 'a' }] },
  active: true,
  name: [
    { use: 'official', family: 'Chalmers', given: ['Peter', 'James'] },
    { use: 'usual', given: ['Jim'] },
  ],
  _birthDate: { extension: [{ url: 'urn:a/b~c', valueString: 'x' }] },
};

const patched = (...operations: readonly object[]): object => {
  const result = applyJsonPatch(patient, operations);
  if (!result.ok) throw new Error(result.failure.issues[0]?.diagnostics);
  return result.value;
};

const refused = (patch: unknown, resource: object = patient) => {
  const result = applyJsonPatch(resource, patch);
  if (result.ok) throw new Error('was not refused');
  return result.failure;
};

describe('RFC 6902, section 4', () => {
  test.each<[string, object, object]>([
    [
      'add: an object member that does not exist is added',
      { op: 'add', path: '/gender', value: 'male' },
      { gender: 'male' },
    ],
    [
      'add: an object member that exists is replaced',
      { op: 'add', path: '/active', value: false },
      { active: false },
    ],
    [
      'add: into an array at the index, the others move right',
      { op: 'add', path: '/name/0/given/1', value: 'John' },
      { name: [{ ...patient.name[0], given: ['Peter', 'John', 'James'] }, patient.name[1]] },
    ],
    [
      'add: "-" is the end of the array',
      { op: 'add', path: '/name/1/given/-', value: 'J' },
      { name: [patient.name[0], { use: 'usual', given: ['Jim', 'J'] }] },
    ],
    [
      'remove: from an array, the others move left',
      { op: 'remove', path: '/name/0' },
      { name: [patient.name[1]] },
    ],
    [
      'replace: a value by another one',
      { op: 'replace', path: '/name/1/given/0', value: 'Jimmy' },
      { name: [patient.name[0], { use: 'usual', given: ['Jimmy'] }] },
    ],
    [
      'replace: by null, as in the arrays of primitive extensions',
      { op: 'replace', path: '/active', value: null },
      { active: null },
    ],
    [
      'move: within an array',
      { op: 'move', from: '/name/1', path: '/name/0' },
      { name: [patient.name[1], patient.name[0]] },
    ],
    ['move: onto itself changes nothing', { op: 'move', from: '/name/1', path: '/name/1' }, {}],
    [
      'copy: to another place',
      { op: 'copy', from: '/name/0/family', path: '/name/1/family' },
      { name: [patient.name[0], { ...patient.name[1], family: 'Chalmers' }] },
    ],
    [
      'test: equal whatever the order of members',
      { op: 'test', path: '/name/1', value: { given: ['Jim'], use: 'usual' } },
      {},
    ],
    ['~1 is a slash and ~0 a tilde', { op: 'add', path: '/a~1b~0c~01', value: 1 }, { 'a/b~c~1': 1 }],
    ['an empty token is the member of that name', { op: 'add', path: '/', value: 1 }, { '': 1 }],
  ])('%s', (_rule, operation, change) => {
    expect(patched(operation)).toEqual({ ...patient, ...change });
  });

  test('test: the root itself, and numbers by value', () => {
    expect(patched({ op: 'test', path: '', value: patient })).toEqual(patient);
    const resource = { resourceType: 'Basic', weight: new NumberLiteral('1.00') };
    expect(applyJsonPatch(resource, [{ op: 'test', path: '/weight', value: 1 }])).toMatchObject({ ok: true });
  });

  test('a number keeps its spelling', () => {
    const result = applyJsonPatch({ resourceType: 'Basic', a: new NumberLiteral('1.00') }, [
      { op: 'copy', from: '/a', path: '/b' },
    ]);
    expect(result).toMatchObject({ ok: true, value: { a: { text: '1.00' }, b: { text: '1.00' } } });
  });

  test('operations are applied in order, each to the result of the one before', () => {
    expect(
      patched(
        { op: 'add', path: '/contact', value: [] },
        { op: 'add', path: '/contact/-', value: { gender: 'male' } },
      ),
    ).toEqual({ ...patient, contact: [{ gender: 'male' }] });
  });

  test('the resource and the patch stay as they were', () => {
    const before = structuredClone(patient);
    const value = { gender: 'male' };
    const result = patched(
      { op: 'add', path: '/contact', value },
      { op: 'add', path: '/contact/x', value: 1 },
    );
    expect(patient).toEqual(before);
    expect(value).toEqual({ gender: 'male' });
    expect(result).toMatchObject({ contact: { gender: 'male', x: 1 } });
  });
});

describe('an operation that cannot be done is refused with its number, and nothing is changed', () => {
  test.each<[string, object, string]>([
    ['remove of nothing', { op: 'remove', path: '/gender' }, 'not-found'],
    ['replace of nothing', { op: 'replace', path: '/gender', value: 'x' }, 'not-found'],
    ['add below nothing', { op: 'add', path: '/contact/0', value: 'x' }, 'not-found'],
    ['add below a string', { op: 'add', path: '/name/0/family/x', value: 'x' }, 'not-found'],
    ['add beyond the array', { op: 'add', path: '/name/3', value: {} }, 'value'],
    ['an index with a leading zero', { op: 'add', path: '/name/01', value: {} }, 'value'],
    ['an index that is none', { op: 'add', path: '/name/x', value: {} }, 'value'],
    ['remove of the end of an array', { op: 'remove', path: '/name/-' }, 'not-found'],
    ['remove of everything', { op: 'remove', path: '' }, 'business-rule'],
    ['move of nothing', { op: 'move', from: '/x', path: '/y' }, 'not-found'],
    ['move into itself', { op: 'move', from: '/name', path: '/name/0' }, 'invalid'],
    ['copy of nothing', { op: 'copy', from: '/x', path: '/y' }, 'not-found'],
    ['a test that fails', { op: 'test', path: '/active', value: false }, 'conflict'],
    ['a test of another kind', { op: 'test', path: '/active', value: 'true' }, 'conflict'],
    ['a test with a member too many', { op: 'test', path: '/name/1', value: { use: 'usual' } }, 'conflict'],
    ['a member every object has', { op: 'test', path: '/constructor', value: {} }, 'not-found'],
  ])('%s', (_rule, operation, code) => {
    const failure = refused([{ op: 'test', path: '/active', value: true }, operation]);
    expect(failure).toMatchObject({ kind: 'unprocessable', issues: [{ code }] });
    expect(failure.issues[0]?.diagnostics).toMatch(/^Operation 1 \(/);
  });

  test('the values and long names of a refused operation are not repeated', () => {
    const text = JSON.stringify(refused([{ op: 'test', path: '/12048645510', value: '12048645510' }]));
    expect(text).not.toContain('12048645510');
  });
});

describe('what is no JSON Patch is malformed, every fault at once', () => {
  test.each<[string, unknown]>([
    ['no array', { op: 'add' }],
    ['an operation that is no object', ['add']],
    ['an unknown op', [{ op: 'merge', path: '/a' }]],
    ['an op that every object has', [{ op: 'constructor', path: '/a' }]],
    ['no path', [{ op: 'remove' }]],
    ['a path without a slash', [{ op: 'remove', path: 'name' }]],
    ['an escape that is none', [{ op: 'remove', path: '/a~2' }]],
    ['no value', [{ op: 'add', path: '/a' }]],
    ['no from', [{ op: 'move', path: '/a' }]],
  ])('%s', (_fault, patch) => {
    expect(refused(patch)).toMatchObject({
      kind: 'malformed',
      issues: [{ severity: 'error', malformed: true }],
    });
  });

  test('faults of several operations', () => {
    expect(refused([{ op: 'add' }, { op: 'x' }, { op: 'copy', path: 'a', from: 'b' }]).issues).toHaveLength(
      5,
    );
  });
});

describe('what only the server writes stays as it is', () => {
  test.each<[string, object]>([
    ['resourceType', { op: 'replace', path: '/resourceType', value: 'Person' }],
    ['id', { op: 'replace', path: '/id', value: 'p2' }],
    ['id', { op: 'remove', path: '/id' }],
    ['id', { op: 'add', path: '/_id', value: { extension: [] } }],
    ['meta.versionId', { op: 'replace', path: '/meta/versionId', value: '4' }],
    ['meta.lastUpdated', { op: 'remove', path: '/meta/lastUpdated' }],
    ['meta.versionId', { op: 'replace', path: '/meta', value: { lastUpdated: '2026-03-03T07:00:05Z' } }],
    ['id', { op: 'move', from: '/id', path: '/x' }],
    ['resourceType', { op: 'replace', path: '', value: 'gone' }],
  ])('%s: %o', (name, operation) => {
    const failure = refused([operation]);
    expect(failure.kind).toBe('unprocessable');
    expect(failure.issues[0]?.diagnostics).toContain(name);
  });

  test('the rest of meta may be changed, and id may be tested', () => {
    expect(
      patched(
        { op: 'test', path: '/id', value: 'p1' },
        { op: 'add', path: '/meta/tag/-', value: { code: 'b' } },
      ),
    ).toMatchObject({ meta: { tag: [{ code: 'a' }, { code: 'b' }] } });
  });
});

describe('hostile patches', () => {
  test('no prototype is changed', () => {
    refused([{ op: 'add', path: '/__proto__/polluted', value: true }]);
    patched({ op: 'add', path: '/__proto__', value: { polluted: true } });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('copies that double each other end before the memory does', () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/name', path: '/name/-' }));
    expect(refused(doubling).issues[0]?.code).toBe('too-costly');
  });

  test('too many operations, and values nested too deeply', () => {
    const one = { op: 'test', path: '/active', value: true };
    expect(refused(Array.from({ length: 1001 }, () => one)).issues[0]?.code).toBe('too-costly');
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    expect(refused([{ op: 'add', path: '/a', value: deep }]).kind).toBe('malformed');
    const path = '/a'.repeat(100);
    let nested: unknown = 1;
    for (let i = 0; i < 100; i++) nested = { a: nested };
    const chain = [
      { op: 'add', path: '/a', value: nested },
      { op: 'copy', from: '/a', path },
    ];
    expect(refused(chain).issues[0]?.code).toBe('too-costly');
  });
});

/** Documents whose member names need every escape. */
const name = fc.stringMatching(/^[a-z~/"%^|\\ ]{0,4}$/).filter((one) => !['id', 'meta', 'new'].includes(one));
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 1.5, 'text', ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}));
const resource = fc
  .dictionary(name, json, { maxKeys: 5 })
  .map((members) => ({ ...members, resourceType: 'Basic' }));

const pointer = (...tokens: readonly (string | number)[]): string =>
  tokens.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Every place in a document. */
const places = (value: unknown, at: string): readonly (readonly [string, unknown])[] => {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([token, member]) => places(member, at + pointer(token)))
      : [];
  return [[at, value], ...below];
};

/** Operations that turn one document into another, by the definition of each operation. */
const difference = (from: unknown, to: unknown, at: string): readonly object[] => {
  const bothObjects = [from, to].every(
    (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
  if (!bothObjects) {
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ op: 'replace', path: at, value: to }];
  }
  const [before, after] = [Object.entries(from as object), new Map(Object.entries(to as object))];
  const known = new Set(before.map(([key]) => key));
  return [
    ...before.flatMap(([key, value]) =>
      after.has(key)
        ? difference(value, after.get(key), at + pointer(key))
        : [{ op: 'remove', path: at + pointer(key) }],
    ),
    ...[...after]
      .filter(([key]) => !known.has(key))
      .map(([key, value]) => ({ op: 'add', path: at + pointer(key), value })),
  ];
};

describe('for any document', () => {
  test('the difference between two turns one into the other', () => {
    fc.assert(
      fc.property(resource, resource, (from, to) => {
        expect(applyJsonPatch(from, difference(from, to, ''))).toEqual({ ok: true, value: to });
      }),
    );
  });

  test('every place can be tested, and copied to a new member where the test then holds', () => {
    fc.assert(
      fc.property(resource, (document) => {
        for (const [path, value] of places(document, '')) {
          const result = applyJsonPatch(document, [
            { op: 'test', path, value },
            { op: 'copy', from: path, path: '/new' },
            { op: 'test', path: '/new', value },
            { op: 'remove', path: '/new' },
            { op: 'test', path: '', value: document },
          ]);
          expect(result).toEqual({ ok: true, value: document });
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a move and its reverse leave the document as it was', () => {
    fc.assert(
      fc.property(resource, (document) => {
        for (const [path] of places(document, '').slice(1)) {
          if (path === '/resourceType') continue;
          const result = applyJsonPatch(document, [
            { op: 'move', from: path, path: '/new' },
            { op: 'move', from: '/new', path },
          ]);
          expect(result).toEqual({ ok: true, value: document });
        }
      }),
      { numRuns: 50 },
    );
  });
});
