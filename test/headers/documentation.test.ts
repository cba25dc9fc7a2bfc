import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headersPage } from '../../src/build/headers-page.ts';
import { PROFILES } from '../../src/fhir/definitions/artefacts.ts';
import { HEADER_SETTING_NAMES } from '../../src/headers/configuration.ts';
import { patternDocumentation } from '../../src/headers/documentation.ts';
import { HEADER_ISSUES } from '../../src/headers/faults.ts';
import { HEADER_NAMES, HEADER_TABLE, RULED_PATTERNS } from '../../src/headers/table.ts';

describe('docs/headers.md', () => {
  const page = readFileSync('docs/headers.md', 'utf8');

  it('is what the tables give', () => {
    expect(page).toBe(headersPage());
  });

  it('has a line for each cell of the table, with the handbook’s words', () => {
    for (const pattern of RULED_PATTERNS) {
      const [, chapter = ''] = page.split(`### ${pattern} `);
      for (const name of HEADER_NAMES) {
        const { condition, swedish } = HEADER_TABLE[pattern][name];
        const line = chapter.split('\n').find((one) => one.includes(`| \`${name}\` |`)) ?? '';
        expect(line, `${pattern} ${name}`).toContain(`**${condition}**`);
        expect(line, `${pattern} ${name}`).toContain(swedish);
      }
    }
  });
});

it('the README’s configuration table names every header setting', () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const name of HEADER_SETTING_NAMES) expect(readme, name).toContain(`\`${name}\``);
});

it('CodeSystem header-issue holds exactly the codes that findings carry', () => {
  const found = PROFILES.find(({ id }) => id === 'header-issue');
  const concepts = found?.resourceType === 'CodeSystem' ? (found.concept ?? []) : [];
  expect(Object.fromEntries(concepts.map(({ code, display }) => [code, display]))).toEqual(
    Object.fromEntries(Object.entries(HEADER_ISSUES).map(([code, { display }]) => [code, display])),
  );
});

it.each(RULED_PATTERNS)(
  'the documentation of pattern %s names every header once, in its group',
  (pattern) => {
    const text = patternDocumentation(pattern);
    const groups = new Map(
      [...text.matchAll(/(Mandatory|Optional|Ignored): ([^.]*)\./g)].map(([, group = '', names = '']) => [
        group.toLowerCase(),
        names.split(', ').map((one) => one.replace(/ \(.*/, '')),
      ]),
    );
    for (const condition of ['mandatory', 'optional', 'ignored'] as const) {
      const names = HEADER_NAMES.filter((name) => HEADER_TABLE[pattern][name].condition === condition);
      expect(groups.get(condition)).toEqual(names);
    }
    const conditional = HEADER_NAMES.filter(
      (name) => HEADER_TABLE[pattern][name].condition === 'conditional',
    );
    for (const name of conditional) expect(text).toContain(name);
  },
);
