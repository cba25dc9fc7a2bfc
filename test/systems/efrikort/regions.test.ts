import { describe, expect, it } from 'vitest';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { createRegionContacts, SANDBOX_CONTACTS } from '../../../src/systems/efrikort/contacts.ts';
import { probableText } from '../../../src/systems/efrikort/mojibake.ts';
import {
  REGIONS,
  REGIONS_DATE,
  regionByHsaId,
  regionOrganizations,
} from '../../../src/systems/efrikort/regions.ts';
import {
  describeImport,
  type ImportFindingCode,
  parseRegionImport,
} from '../../../src/systems/efrikort/regions-import.ts';
import { PROFILES } from '../artefacts.ts';
import { DAY, memoryState, NOW } from './fixture.ts';

/** The shape of eFrikort's own page, text around the table included; the persons are invented. */
const PAGE = `1. Allmänt
Denna sida beskriver tillvägagångssättet.
2.1. Kontaktadress
Landsting/Region | Kontaktadress | HSA-ID till vårdhuvudman |
---|---|---|
Region Stockholm | SE2321000016-39KJ | |
Region Uppsala | su.ex@uppsala.example | SE162321000024-0001 |
Region Ãstergötland | To.Ex@ostergotland.example | SE2321000040-AAAA |
Region Gotland | SE2321000016-4TM4 | |
Region JÃ¤mtland HÃ¤rjedalen | pa.ex@jh.example | SE2321000214-E000002 |
Region Dalarna | ma.ex@dalarna.example; an.ex@dalarna.example | SE2321000180-1000 |
Region Västernorrland | ke.ex@rvn.example; ma.ex@rvn.example; | SE2321000206-E00001 |
2.2. Mail-mall
Mottagare: <kontaktadress enligt ovan tabell> + support.efrikort@cgi.com Rubrik: AnslutningsfÃ¶rfrÃ¥gan
`;

const found = (text: string): readonly string[] =>
  parseRegionImport(text).findings.map(({ line, code }) => `${line} ${code}`);

describe('the list of regions', () => {
  it('has the fourteen of the source, with a date, and one mailbox that is no person', () => {
    expect(REGIONS).toHaveLength(14);
    expect(REGIONS_DATE).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(REGIONS.flatMap(({ functionMailbox }) => functionMailbox ?? [])).toEqual(['efrikort@vgregion.se']);
    expect(new Set(REGIONS.map(({ hsaId }) => hsaId)).size).toBe(14);
  });
  it('is found by HSA-id in any letter case, not by organisation number', () => {
    expect(regionByHsaId('se2321000016-4TM4')?.name).toBe('Region Gotland');
    expect(regionByHsaId('SE2321000016-0000')).toBeUndefined();
  });
  it('is served as organisations of the profile, without contact data', () => {
    const { validate } = createValidator(PROFILES);
    for (const organization of regionOrganizations()) {
      const profile = 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/NordicOrganization';
      expect(validate(organization, profile)).toEqual([]);
      expect(organization.telecom ?? organization.contact).toBeUndefined();
    }
  });
});

describe('the import of contacts', () => {
  it("reads eFrikort's page: shifted rows, two addresses, stray separators, damaged names", () => {
    const { regions } = parseRegionImport(PAGE);
    expect(regions.map(({ region, hsaId, addresses }) => [region, hsaId, addresses.length])).toEqual([
      ['Region Stockholm', 'SE2321000016-39KJ', 0],
      ['Region Uppsala', 'SE162321000024-0001', 1],
      ['Region Östergötland', 'SE2321000040-AAAA', 1],
      ['Region Gotland', 'SE2321000016-4TM4', 0],
      ['Region Jämtland Härjedalen', 'SE2321000214-E000002', 1],
      ['Region Dalarna', 'SE2321000180-1000', 2],
      ['Region Västernorrland', 'SE2321000206-E00001', 2],
    ]);
  });
  it('reports, by line, everything that it read otherwise than it stood', () => {
    expect(found(PAGE)).toEqual([
      '6 shifted-columns',
      '6 no-contact',
      '7 hsa-id-legacy',
      '8 mojibake-lost',
      '9 shifted-columns',
      '9 no-contact',
      '10 mojibake-read',
      '12 stray-separator',
    ]);
  });
  it.each([
    [
      'comma',
      'Region,Kontakt,HSA-ID,Giltig från,Namn\n"Region Dalarna","a@b.example; c@d.example",SE2321000180-1000,2026-01-01,"Ex, Ma"',
    ],
    [
      'semicolon',
      '\ufeffRegion;Kontakt;HSA-ID;Giltig från;Namn\r\nRegion Dalarna;"a@b.example;c@d.example";SE2321000180-1000;2026-01-01;Ex, Ma\r\n',
    ],
    [
      'tab',
      'Region\tKontakt\tHSA-ID\tGiltig från\tNamn\nRegion Dalarna\ta@b.example; c@d.example\tSE2321000180-1000\t2026-01-01\tEx, Ma',
    ],
    [
      'JSON',
      JSON.stringify([
        {
          name: 'Region Dalarna',
          addresses: ['a@b.example', 'c@d.example'],
          hsaId: 'SE2321000180-1000',
          validFrom: '2026-01-01',
          contactName: 'Ex, Ma',
        },
      ]),
    ],
  ])('reads %s', (_form, text) => {
    expect(parseRegionImport(text)).toEqual({
      regions: [
        {
          region: 'Region Dalarna',
          hsaId: 'SE2321000180-1000',
          addresses: ['a@b.example', 'c@d.example'],
          validFrom: '2026-01-01',
          name: 'Ex, Ma',
        },
      ],
      findings: [],
    });
  });
  it.each([
    ['HSA-id first', 'HSA-ID;Region;Kontakt\nSE2321000180-1000;Region Dalarna;a@b.example'],
    ['HSA-id in the middle', 'Region;HSA-ID;Kontakt\nRegion Dalarna;SE2321000180-1000;a@b.example'],
    ['an address with a name', 'Region;Kontakt;HSA-ID\nRegion Dalarna;Ma Ex <a@b.example>;SE2321000180-1000'],
    ['a cell of two lines', 'Region,Kontakt,HSA-ID\n"Region\nDalarna",a@b.example,SE2321000180-1000'],
  ])('reads %s, with nothing to report', (_what, text) => {
    const { regions, findings } = parseRegionImport(text);
    expect(regions).toEqual([
      { region: 'Region Dalarna', hsaId: 'SE2321000180-1000', addresses: ['a@b.example'] },
    ]);
    expect(findings).toEqual([]);
  });
  it.each([
    ['in one cell', '"a@b.example,\r\nc@d.example",SE2321000180-1000'],
    ['in cells of their own', 'a@b.example,c@d.example,SE2321000180-1000'],
  ])('loses no address of two %s', (_how, row) => {
    const { regions } = parseRegionImport(`Region,Kontakt,HSA-ID\r\nRegion Dalarna,${row}\r\n`);
    expect(regions.map(({ addresses }) => addresses)).toEqual([['a@b.example', 'c@d.example']]);
  });
  it('tells the line in which a row begins, and survives a quote that does not end', () => {
    expect(found('Region,Kontakt,HSA-ID\n"a\nb",c@d.example,\nx,y@z.example,')).toEqual([
      '2 no-hsa-id',
      '4 no-hsa-id',
    ]);
    const { regions } = parseRegionImport(
      'Region,Kontakt,HSA-ID\nRegion Dalarna,"a@b.example,SE2321000180-1000\nRegion Halland,c@d.example,SE2321000115-O00001',
    );
    expect(regions.map(({ hsaId }) => hsaId)).toContain('SE2321000115-O00001');
  });
  it.each<[string, string, ImportFindingCode]>([
    ['a row without HSA-id', 'Region Dalarna,a@b.example,', 'no-hsa-id'],
    ['a malformed HSA-id', 'Region Dalarna,a@b.example,SE13813023981', 'hsa-id-malformed'],
    ['an address that is none', 'Region Dalarna,a@b,SE2321000180-1000', 'not-an-address'],
    ['a date that is none', 'Region Dalarna,a@b.example,SE2321000180-1000,2026-13-45', 'date-malformed'],
    ['a day that no month has', 'Region Dalarna,a@b.example,SE2321000180-1000,2026-02-30', 'date-malformed'],
    ['a region it does not know', 'Region Skåne,a@b.example,SE2321000255-1', 'region-unknown'],
    ['another name than it knows', 'Landstinget Dalarna,a@b.example,SE2321000180-1000', 'name-differs'],
  ])('reports %s', (_what, row, code) => {
    expect(found(`Region,Kontakt,HSA-ID,Giltig från\n${row}`)).toContain(`2 ${code}`);
  });
  it('is told to the operator in words, without an address', () => {
    const lines = describeImport(parseRegionImport(PAGE));
    expect(lines[0]).toBe('7 regions read, 5 of them with a contact.');
    expect(lines).toHaveLength(9);
    expect(lines.join()).not.toContain('@');
  });
  it('joins the addresses of a region that stands twice', () => {
    const { regions, findings } = parseRegionImport(
      'Region,Kontakt,HSA-ID\nRegion Dalarna,a@b.example,SE2321000180-1000\nRegion Dalarna,c@d.example,SE2321000180-1000',
    );
    expect(regions[0]?.addresses).toEqual(['a@b.example', 'c@d.example']);
    expect(findings).toContainEqual({ line: 3, code: 'duplicate-region' });
  });
  it.each(['', 'hello', '{', '[1]', '{"regions":3}', 'a,b\n1,2'])(
    'says of %j that it cannot be read',
    (text) => {
      expect(parseRegionImport(text)).toEqual({ regions: [], findings: [{ line: 1, code: 'not-readable' }] });
    },
  );
});

describe('text in another encoding', () => {
  it.each([
    ['frÃ¥gan fÃ¶r vÃ¤n', 'frågan för vän'],
    ['Ã…re', 'Åre'],
    ['Ã\u0096ster', 'Öster'],
  ])('%j was meant as %j', (text, meant) => expect(probableText(text)).toBe(meant));
  it.each(['Västra Götalandsregionen', 'Ãstergötland', 'São Paulo', ''])('%j is left alone', (text) => {
    expect(probableText(text)).toBeUndefined();
  });
});

describe("the operator's contacts", () => {
  it('come before those that are shipped, from the day they hold', async () => {
    const contacts = createRegionContacts(await memoryState('efrikort'));
    const vgr = 'SE2321000131-E000000000001';
    expect(await contacts.addressesOf(vgr, NOW)).toEqual(['efrikort@vgregion.se']);
    await contacts.load([
      { hsaId: vgr, addresses: ['old@b.example'], validFrom: '2026-01-01' },
      { hsaId: vgr, addresses: ['new@b.example'], validFrom: '2026-03-01' },
      { hsaId: vgr, addresses: ['later@b.example'], validFrom: '2026-06-01' },
    ]);
    expect(await contacts.addressesOf(vgr.toLowerCase(), NOW)).toEqual(['new@b.example']);
    expect((await contacts.directory(NOW))('NEW@b.example')).toBe(vgr);
  });
  it('take the place of earlier ones from the day they hold, and not before', async () => {
    const contacts = createRegionContacts(await memoryState('efrikort'));
    const [vgr, halland] = ['SE2321000131-E000000000001', 'SE2321000115-O00001'];
    await contacts.load([{ hsaId: halland, addresses: ['now@b.example'] }]);
    await contacts.load([
      { hsaId: vgr, addresses: ['later@b.example'], validFrom: '2026-06-01' },
      { hsaId: halland, addresses: ['later@b.example'], validFrom: '2026-06-01' },
    ]);
    expect(await contacts.addressesOf(vgr, NOW)).toEqual(['efrikort@vgregion.se']);
    expect(await contacts.addressesOf(halland, NOW)).toEqual(['now@b.example']);
    expect(await contacts.addressesOf(halland, NOW + 100 * DAY)).toEqual(['later@b.example']);
    await contacts.load([{ hsaId: halland, addresses: [] }]);
    expect(await contacts.addressesOf(halland, NOW + 100 * DAY)).toEqual([]);
  });
  it('may be of a region that the list does not have', async () => {
    const contacts = createRegionContacts(await memoryState('efrikort'));
    await contacts.load([{ hsaId: 'SE2321000255-1', addresses: ['a@b.example'] }]);
    expect((await contacts.directory(NOW))('a@b.example')).toBe('SE2321000255-1');
  });
  it('of the sandbox exist nowhere, and leave Halland out', () => {
    expect(SANDBOX_CONTACTS).toHaveLength(13);
    for (const { addresses } of SANDBOX_CONTACTS)
      expect(addresses[0]).toMatch(/@(region\.example|vgregion\.se)$/);
  });
});
