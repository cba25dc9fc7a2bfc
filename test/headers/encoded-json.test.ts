import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEncodedJson } from '../../src/headers/encoded-json.ts';
import { parseUserAgent } from '../../src/headers/user-agent.ts';
import { base64 } from './examples.ts';

const lenient = { lenient: 'raw-json' } as const;
const read = (raw: string, settings: { lenient: 'off' | 'raw-json' | 'all' } = lenient) =>
  parseEncodedJson('X-Test', 'base64 of JSON', raw, settings);
const value = (raw: string, settings = lenient as { lenient: 'off' | 'raw-json' | 'all' }) => {
  const result = read(raw, settings);
  return result.ok ? result.value.value : result.failure.map((fault) => fault.kind);
};
const tolerated = (raw: string, settings: { lenient: 'off' | 'raw-json' | 'all' }) => {
  const result = read(raw, settings);
  return result.ok ? result.value.warnings.map((fault) => fault.kind) : undefined;
};
const MALFORMED = ['header-malformed'];

// JSON as a client may write it: `toEqual` sees no difference between -0 and 0 after a round trip.
const objects = fc
  .dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }))
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

describe('a JSON header', () => {
  it('gives back what was encoded, in either alphabet, padded or not, with blanks around it', () => {
    fc.assert(
      fc.property(objects, fc.boolean(), fc.boolean(), fc.boolean(), (object, url, bare, blanks) => {
        const bytes = Buffer.from(JSON.stringify(object), 'utf8');
        let raw = bytes.toString('base64');
        if (url) raw = raw.replaceAll('+', '-').replaceAll('/', '_');
        if (bare) raw = raw.replace(/=+$/, '');
        expect(value(blanks ? ` \t${raw} ` : raw)).toEqual(object);
      }),
    );
  });

  it('is taken raw and percent-encoded as far as the setting says, with a warning', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const json = JSON.stringify(object);
        const raw = Buffer.from(json, 'utf8').toString('latin1');
        const percent = encodeURIComponent(json);
        expect(value(raw)).toEqual(object);
        expect(tolerated(raw, lenient)).toEqual(['header-lenient']);
        expect(value(percent, { lenient: 'all' })).toEqual(object);
        expect(tolerated(percent, { lenient: 'all' })).toEqual(['header-lenient']);
        expect(value(percent)).toEqual(MALFORMED);
        expect(value(raw, { lenient: 'off' })).toEqual(MALFORMED);
        expect(tolerated(base64(json), { lenient: 'off' })).toEqual([]);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (raw) => {
        for (const mode of ['off', 'raw-json', 'all'] as const) read(raw, { lenient: mode });
        read(`{${raw}`);
        read(`%7B${raw}`, { lenient: 'all' });
      }),
    );
  });

  it.each([
    ['Latin-1 bytes', Buffer.from('{"orgenhetsOrt":"Östersund"}', 'latin1').toString('base64')],
    ['a line break inside', `${base64({ a: 1 }).slice(0, 4)}\n${base64({ a: 1 }).slice(4)}`],
    ['a blank inside', `${base64({ a: 1 }).slice(0, 4)} ${base64({ a: 1 }).slice(4)}`],
    ['base64 that is cut off', 'eyJhI'],
    ['padding in the middle', 'eyJh=OjF9'],
    ['no JSON', base64('hello')],
    ['an array', base64([1])],
    ['null', base64('null')],
    ['a text', base64('"x"')],
    ['JSON nested beyond reason', base64(`{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`)],
    ['raw JSON with a character no header can carry', '{"a":"\u0416"}'],
    ['raw JSON in Latin-1', '{"a":"\xe5"}'],
    // workerd has put the character U+FFFD for such bytes by the time that anybody asks.
    ['raw JSON with what stands for bytes that are no UTF-8', '{"a":"\xef\xbf\xbd"}'],
    ['broken percent-encoding', '%7B%E0%A4'],
  ])('refuses %s', (_, raw) => {
    expect(value(raw, { lenient: 'all' })).toEqual(MALFORMED);
  });

  it('drops a byte order mark', () => {
    expect(value(Buffer.from('\uFEFF{"a":1}', 'utf8').toString('base64'))).toEqual({ a: 1 });
  });

  it('sees a comma in base64 as a header sent twice', () => {
    expect(value(`${base64({ a: 1 })}, ${base64({ a: 1 })}`)).toEqual(['header-duplicate']);
  });

  it('has no prototype but its own members', () => {
    const result = read(base64('{"__proto__":{"polluted":true}}'));
    expect(result.ok && ({} as Record<string, unknown>)['polluted']).toBe(undefined);
  });
});

describe('X-User-Agent', () => {
  const agent = (json: unknown) => {
    const result = parseUserAgent(base64(json), lenient);
    return result.ok ? result.value.value : result.failure[0]?.detail;
  };

  it('is name and version; further members are the sender’s own', () => {
    expect(agent({ name: 'Exempeljournal', version: '4.2.1', vendor: 'x' })).toEqual({
      name: 'Exempeljournal',
      version: '4.2.1',
    });
  });

  it.each([
    [{ name: 'x' }, 'version must be a text that is not empty'],
    [{ name: 'x', version: '' }, 'version must be a text that is not empty'],
    [{ name: 'x', version: 4 }, 'version must be a text that is not empty'],
    [{ version: '1' }, 'name must be a text that is not empty'],
  ])('%j is refused', (json, detail) => {
    expect(agent(json)).toBe(detail);
  });

  it('as a product token of HTTP is told what it must be', () => {
    const result = parseUserAgent('MyApp/1.0', lenient);
    expect(!result.ok && result.failure[0]?.text).toBe('X-User-Agent must be base64 of JSON {name, version}');
  });
});
