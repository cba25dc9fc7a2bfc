import { describe, expect, it } from 'vitest';
import { checkGrant, type Grants, NO_GRANTS, OPEN_GRANTS, parseGrants } from '../../src/security/grants.ts';

const DEFINITION = '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0';
const OTHER = '3fe2a80a-4200-42e2-817b-da8a6236708a';
const ENH = 'urn:oid:2.16.578.1.12.4.1.4.101';

const caller = (value?: string, system = ENH) =>
  value === undefined ? {} : { organization: { identifier: { system, value } } };

const grants = (table: unknown): Grants => {
  const parsed = parseGrants(JSON.stringify(table));
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
};

const may = (table: Grants, who: ReturnType<typeof caller>, definition = DEFINITION) =>
  checkGrant(table, who, definition).ok;

describe('PVK grants', () => {
  it('are denied by default', () => {
    expect(may(NO_GRANTS, caller('912159523'))).toBe(false);
    expect(may(grants({}), caller('912159523'))).toBe(false);
  });

  it('are open in the sandbox to every caller, with or without an organisation', () => {
    expect(may(OPEN_GRANTS, caller('912159523'))).toBe(true);
    expect(may(OPEN_GRANTS, caller())).toBe(true);
  });

  it('hold for the organisation and the definition they name, in any letter case of the GUID', () => {
    const table = grants({ [`${ENH}|912159523`]: [DEFINITION.toUpperCase()] });
    expect(may(table, caller('912159523'))).toBe(true);
    expect(may(table, caller('912159523'), DEFINITION.toUpperCase())).toBe(true);
    expect(may(table, caller('912159523'), OTHER)).toBe(false);
    expect(may(table, caller('912159524'))).toBe(false);
    expect(may(table, caller('912159523', 'http://cvr.dk'))).toBe(false);
    expect(may(table, caller())).toBe(false);
  });

  it('know * for any organisation that is named, and none for tokens that name none', () => {
    expect(may(grants({ '*': '*' }), caller('912159523'))).toBe(true);
    expect(may(grants({ '*': '*' }), caller())).toBe(false);
    expect(may(grants({ none: [DEFINITION] }), caller())).toBe(true);
    expect(may(grants({ none: [DEFINITION] }), caller('912159523'))).toBe(false);
  });

  it('refuse with 403 and repeat no number', () => {
    const refused = checkGrant(NO_GRANTS, caller('191212121212'), DEFINITION);
    expect(refused).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', issues: [{ code: 'forbidden' }] },
    });
    expect(JSON.stringify(refused)).not.toContain('191212121212');
    expect(checkGrant(NO_GRANTS, caller(), DEFINITION)).toMatchObject({
      failure: { issues: [{ diagnostics: expect.stringContaining('names no organisation') }] },
    });
  });

  it.each([
    '{',
    '[]',
    '"x"',
    '{"912159523": "*"}',
    `{"${ENH}|1": "everything"}`,
    `{"${ENH}|1": [1]}`,
    `{"${ENH}|1": ["{${DEFINITION}}"]}`,
  ])('%s stops the start with a sentence that names the setting', (text) => {
    expect(parseGrants(text)).toMatchObject({
      ok: false,
      failure: expect.stringMatching(/^HELSENORGE_GRANTS.*\.$/),
    });
  });
});
