import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Rows of the page: what R4 asks, the file, and the name of the test. */
const rows = [
  ...readFileSync('docs/conformance.md', 'utf8').matchAll(/^\| (.+) \| `(test\/\S+)` \| (.+) \|$/gm),
].map(([, rule = '', file = '', name = '']) => ({ rule, file, name }));

/** A test's name as its file spells it, whatever the quotes around. */
const spelled = (name: string): readonly string[] => [
  name,
  name.replaceAll('"', '\\"'),
  name.replaceAll("'", "\\'"),
];

describe('the conformance page', () => {
  it('has a row for each of its rules', () => {
    expect(rows.length).toBeGreaterThan(80);
    const lines = readFileSync('docs/conformance.md', 'utf8').split('\n');
    const cells = lines.filter((line) => line.startsWith('| ') && !/^\| (?:R4|rule|what) \|/.test(line));
    expect(rows).toHaveLength(cells.length);
  });

  it.each(rows)('names a test that is there: $file › $name', ({ file, name }) => {
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, 'utf8');
    expect(spelled(name).some((one) => text.includes(one))).toBe(true);
  });
});
