import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, readBody } from '../../src/http/body.ts';
import { ambiguity } from '../../src/http/json-text.ts';

const LIMIT = 1000;

const sent = (body: BodyInit, headers: Readonly<Record<string, string>> = {}): Request =>
  new Request('http://127.0.0.1/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

const kindOf = async (request: Request): Promise<string> => {
  const read = await readBody(request, LIMIT);
  return read.ok ? read.value : read.failure.kind;
};

describe('a body', () => {
  it('is read up to the limit and not beyond, announced or not', async () => {
    const most = 'x'.repeat(LIMIT);
    expect(await kindOf(sent(most))).toBe(most);
    expect(await kindOf(sent(`${most}x`))).toBe('too-large');
    expect(await kindOf(sent('x', { 'Content-Length': String(LIMIT + 1) }))).toBe('too-large');
  });

  it('that is not UTF-8 is malformed', async () => {
    expect(await kindOf(sent(Uint8Array.of(0x7b, 0xe5, 0x7d)))).toBe('malformed');
  });
});

describe('JSON text', () => {
  it('of one object is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (value) => {
        const text = JSON.stringify(value);
        expect(ambiguity(text)).toBeUndefined();
        const parsed = parseJson(text);
        expect(parsed.ok ? JSON.stringify(parsed.value) : parsed.failure).toBe(
          JSON.stringify(JSON.parse(text)),
        );
      }),
    );
  });

  it('that has a member twice is told apart, however the name is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const escaped = [...name]
          .flatMap((char) => char.split(''))
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join('');
        expect(ambiguity(`{${JSON.stringify(name)}:1,"${escaped}" : 2}`)).toContain('twice');
        expect(
          ambiguity(`[{${JSON.stringify(name)}:1},{"${escaped}":${JSON.stringify(name)}}]`),
        ).toBeUndefined();
      }),
    );
  });

  it('may nest 64 levels deep and no deeper', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect([ambiguity(nested(64)), ambiguity(nested(65))]).toEqual([
      undefined,
      expect.stringContaining('64'),
    ]);
  });
});
