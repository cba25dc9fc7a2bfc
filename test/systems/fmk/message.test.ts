import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import { describe, expect, it } from 'vitest';
import {
  type CreateRequest,
  FMK_160,
  FMK_MESSAGES,
  modificatorFault,
  organisationSource,
  soapAction,
  TIMING_LIST,
} from '../../../src/systems/fmk/message.ts';
import { FMK_DETAIL, FMK_RESPONSE_HEADER, requestHeader } from '../../../src/systems/fmk/message-headers.ts';
import { responseHeader } from '../../../src/systems/fmk/simulator-answers.ts';
import { parseXml } from '../../../src/xml/parse.ts';
import { printXml } from '../../../src/xml/print.ts';
import type { XmlElement } from '../../../src/xml/tree.ts';
import { basic, create, createdBy } from './samples.ts';

const HEAD = FMK_MESSAGES['1.6.0-head'];
const STRICT = { order: 'strict', unknown: 'refuse' } as const;

/** The schemas are data beside the project: FMK_XSD says where; without them one line says that they are missing. */
const XSD = process.env['FMK_XSD'] ?? '../shared/xsd/fmk-1.6.0';
const hasSchemas = existsSync(join(XSD, 'CreateFocesWhitelistingRequest.xsd'));
if (hasSchemas) xmlRegisterFsInputProviders();
else console.warn(`NOT CHECKED against FMK's schemas: nothing at ${XSD}`);

const schemas = new Map<string, XsdValidator>();

/** The schema of a root element; it includes others by their file names. */
const schemaOf = (root: string): XsdValidator => {
  const known = schemas.get(root);
  if (known !== undefined) return known;
  const file = resolve(XSD, `${root}.xsd`);
  const schema = XsdValidator.fromDoc(XmlDocument.fromString(readFileSync(file, 'utf8'), { url: file }));
  schemas.set(root, schema);
  return schema;
};

/** What the official schema says of a text, by the root element that it should have. */
const validates = (text: string, root: string): boolean => {
  const schema = schemaOf(root);
  try {
    schema.validate(XmlDocument.fromString(text));
    return true;
  } catch {
    return false;
  }
};

const parsed = (text: string): XmlElement => {
  const read = parseXml(text);
  if (!read.ok) throw new Error(read.failure.kind);
  return read.value;
};

const EXAMPLE = `<CreateFocesWhitelistingRequest xmlns="http://fmk-teknik.dk/160">
  <CreatedBy>
    <HealthcareProfessional>
      <Identifier source="CPR">2401010001</Identifier>
      <Name>Karl Karlsen</Name>
    </HealthcareProfessional>
    <Role>Apoteksansat</Role>
    <Organisation>
      <Identifier source="EAN-Lokationsnummer">5790001381615</Identifier>
      <Type>Apotek</Type>
      <Name>Kolind Apotek</Name>
      <AddressLine>Testvej 1</AddressLine>
      <AddressLine>8560 Kolind</AddressLine>
      <TelephoneNumber>+4500000000</TelephoneNumber>
      <EmailAddress>test@apotek.example</EmailAddress>
    </Organisation>
  </CreatedBy>
  <FocesWhitelisting>
    <OrganisationIdentifier source="CVR">96908409</OrganisationIdentifier>
    <FocesId>0443b8ae-dfd0-48c1-8af4-b9993cbce492</FocesId>
    <CertHash>C6D54ACECF8859104BA426449635C6A65C010369</CertHash>
  </FocesWhitelisting>
</CreateFocesWhitelistingRequest>`;

const ENTRY = {
  OrganisationIdentifier: { source: 'CVR', value: '96908409' },
  FocesId: '0443b8ae-dfd0-48c1-8af4-b9993cbce492',
  CertHash: 'C6D54ACECF8859104BA426449635C6A65C010369',
};

const EXAMPLE_VALUE: CreateRequest = {
  CreatedBy: {
    HealthcareProfessional: {
      Identifier: { source: 'CPR', value: '2401010001' },
      Name: 'Karl Karlsen',
      Information: [],
    },
    Role: 'Apoteksansat',
    Organisation: {
      Identifier: { source: 'EAN-Lokationsnummer', value: '5790001381615' },
      Type: 'Apotek',
      Name: 'Kolind Apotek',
      AddressLine: ['Testvej 1', '8560 Kolind'],
      TelephoneNumber: '+4500000000',
      EmailAddress: 'test@apotek.example',
    },
  },
  FocesWhitelisting: ENTRY,
};

const oneLine = (text: string): string => text.replace(/>\s+</g, '><');

describe("FMK's example", () => {
  it('is read into its values and written as it was', () => {
    const read = HEAD.CreateRequest.read(parsed(EXAMPLE), STRICT);
    expect(read).toEqual({ ok: true, value: { value: EXAMPLE_VALUE, left: [] } });
    expect(printXml(HEAD.CreateRequest.write(EXAMPLE_VALUE))).toBe(oneLine(EXAMPLE));
  });

  it('of the wiki, placeholders taken out, is read although its source is broken over a line', () => {
    const wiki = EXAMPLE.replace('"EAN-Lokationsnummer"', '"EAN-\nlokationsnummer"').replace(
      'Karl Karlsen',
      'Karl KarlSen',
    );
    const read = HEAD.CreateRequest.read(parsed(wiki), STRICT);
    expect(read.ok && read.value.value.CreatedBy.Organisation?.Identifier.source).toBe('EAN-Lokationsnummer');
    expect(organisationSource('EAN-\nlokationsnummer')).toBe('EAN-Lokationsnummer');
  });

  it.each(['1.6.0-head', '1.4.6-E6'] as const)('goes out and comes back the same in %s', (version) => {
    const { CreateRequest } = FMK_MESSAGES[version];
    const text = printXml(CreateRequest.write(EXAMPLE_VALUE));
    expect(CreateRequest.read(parsed(text), STRICT)).toMatchObject({
      ok: true,
      value: { value: EXAMPLE_VALUE },
    });
  });

  it('in 1.4.6 has the old order of the organisation and another namespace', () => {
    const text = printXml(FMK_MESSAGES['1.4.6-E6'].CreateRequest.write(EXAMPLE_VALUE));
    expect(text).toContain('xmlns="http://www.dkma.dk/medicinecard/xml.schema/2015/06/01/E6"');
    expect(text).toMatch(/<Organisation><Name>.*<EmailAddress>.*<Type>.*<Identifier source=/);
  });
});

describe('the answers', () => {
  const answer = (inner: string) =>
    `<x:GetFocesWhitelistingsResponse xmlns:x="${FMK_160}">${inner}</x:GetFocesWhitelistingsResponse>`;
  const entry = (inner: string) =>
    `<x:FocesWhitelisting><x:OrganisationIdentifier source="CVR">96908409</x:OrganisationIdentifier>${inner}</x:FocesWhitelisting>`;

  it('of Get are read under any prefix, with and without a hash', () => {
    const two =
      entry('<x:FocesId>a</x:FocesId><x:CertHash>B</x:CertHash>') + entry('<x:FocesId>18900001</x:FocesId>');
    const read = HEAD.GetResponse.read(parsed(answer(two)));
    const OrganisationIdentifier = { source: 'CVR', value: '96908409' };
    expect(read.ok && read.value.value.FocesWhitelisting).toEqual([
      { OrganisationIdentifier, FocesId: 'a', CertHash: 'B' },
      { OrganisationIdentifier, FocesId: '18900001' },
    ]);
  });

  it('of Get without entries are an empty list', () => {
    expect(HEAD.GetResponse.read(parsed(answer('')))).toMatchObject({
      ok: true,
      value: { value: { FocesWhitelisting: [] } },
    });
  });

  it('that are long are read all the same by the version with the short limit', () => {
    const { GetResponse } = FMK_MESSAGES['1.6.0-published'];
    expect(GetResponse.read(parsed(answer(entry(`<x:FocesId>${ENTRY.FocesId}</x:FocesId>`)))).ok).toBe(true);
  });
});

it('the SOAPAction joins namespace and operation by a hash sign, and Get is plural', () => {
  expect(soapAction('1.6.0-head', 'Create')).toBe('http://fmk-teknik.dk/160#CreateFocesWhitelisting');
  expect(soapAction('1.6.0-head', 'Get')).toBe('http://fmk-teknik.dk/160#GetFocesWhitelistings');
  expect(soapAction('1.4.6-E6', 'Delete')).toBe(
    'http://www.dkma.dk/medicinecard/xml.schema/2015/06/01/E6#DeleteFocesWhitelisting',
  );
});

/** The variations of the documentation: what the official schema says of each, and our own reader. */
const inOrganisation = (from: string | RegExp, to: string) => EXAMPLE.replace(from, to);
const without = (pattern: RegExp) => EXAMPLE.replace(pattern, '');
const ORGANISATION = /<Organisation>[\s\S]*<\/Organisation>/;
const PERSON = /<HealthcareProfessional>[\s\S]*<\/HealthcareProfessional>/;
const OLD_ORDER =
  '<Organisation><Name>Kolind Apotek</Name><Type>Apotek</Type><Identifier source="EAN-Lokationsnummer">5790001381615</Identifier></Organisation>';
const SIX_LINES = Array.from({ length: 6 }, (_, line) => `<AddressLine>${line}</AddressLine>`).join('');

const VARIATIONS: readonly (readonly [number, string, string, boolean])[] = [
  [1, 'as documented', EXAMPLE, true],
  [2, 'no namespace', EXAMPLE.replace(' xmlns="http://fmk-teknik.dk/160"', ''), false],
  [
    3,
    'placeholders of the wiki',
    EXAMPLE.replace('+4500000000', '...').replace('test@apotek.example', '...'),
    false,
  ],
  [4, 'the old order', EXAMPLE.replace(ORGANISATION, OLD_ORDER), false],
  [5, 'EAN-lokationsnummer', EXAMPLE.replace('EAN-L', 'EAN-l'), true],
  [6, 'EAN- and lokationsnummer on two lines', EXAMPLE.replace('EAN-L', 'EAN-\nl'), true],
  [7, 'no organisation', without(ORGANISATION), true],
  [8, 'no identifier of the person', without(/<Identifier source="CPR">.*<\/Identifier>/), true],
  [9, 'an empty name', EXAMPLE.replace('<Name>Karl Karlsen</Name>', '<Name></Name>'), true],
  [10, 'a Person', EXAMPLE.replace(PERSON, '<Person><Name>Karl Karlsen</Name></Person>'), true],
  [
    11,
    'RoleSpecific',
    EXAMPLE.replace(PERSON, '<RoleSpecific><Description>System</Description></RoleSpecific>'),
    true,
  ],
  [
    12,
    'the role before the person',
    without(/<Role>.*<\/Role>/).replace('<CreatedBy>', '<CreatedBy><Role>Apoteksansat</Role>'),
    false,
  ],
  [13, 'no role', without(/<Role>.*<\/Role>/), false],
  [14, 'no hash', without(/<CertHash>.*<\/CertHash>/), true],
  [15, 'another source than CVR', EXAMPLE.replace('source="CVR"', 'source="SOR"'), true],
  [16, 'no source', EXAMPLE.replace(' source="CVR"', ''), false],
  [17, 'an empty FocesId', EXAMPLE.replace(ENTRY.FocesId, ''), false],
  [17, 'a FocesId of 101 characters', EXAMPLE.replace(ENTRY.FocesId, 'x'.repeat(101)), false],
  [18, 'an empty hash', EXAMPLE.replace(ENTRY.CertHash, ''), false],
  [
    19,
    'the hash before the id',
    without(/<CertHash>.*<\/CertHash>/).replace('<FocesId>', '<CertHash>A</CertHash><FocesId>'),
    false,
  ],
  [
    20,
    'six address lines',
    EXAMPLE.replace(/<AddressLine>Testvej 1<\/AddressLine>\s*<AddressLine>.*<\/AddressLine>/, SIX_LINES),
    false,
  ],
  [21, 'a telephone number with spaces', inOrganisation('+4500000000', '86 39 10 11'), false],
  [22, 'an e-mail address of five characters', inOrganisation('test@apotek.example', 'a@b.d'), false],
];

const ours = (text: string): boolean => {
  const read = HEAD.CreateRequest.read(parsed(text), STRICT);
  return read.ok && modificatorFault(read.value.value.CreatedBy) === undefined;
};

describe('the variations of the documentation', () => {
  it.each(VARIATIONS)('%i: %s', (_, __, text, valid) => {
    expect(ours(text)).toBe(valid);
  });

  it.runIf(hasSchemas).each(VARIATIONS)("%i: %s, by FMK's schema", (_, __, text, valid) => {
    expect(validates(text, 'CreateFocesWhitelistingRequest')).toBe(valid);
  });

  it('two kinds of person at once are none (10, 11)', () => {
    const both = EXAMPLE.replace(/(?=<HealthcareProfessional>)/, '<Person><Name>Karl</Name></Person>');
    expect(ours(both)).toBe(false);
  });
});

const SYSTEM = {
  ownerName: 'Leverandør A',
  name: 'System A',
  version: '1.0.2',
  orgResponsibleName: 'Kolind Apotek',
  orgUsingName: 'Kolind Apotek',
  orgUsingId: { nameFormat: 'medcom:locationnumber', value: '5790001381615' },
  requestedRole: 'Apoteksansat',
} as const;

const PAGING = parsed(
  `<Paging xmlns="${FMK_160}"><PagingObject>x</PagingObject><ParentObjectIdentifier type="x">1</ParentObjectIdentifier><PageSize>1</PageSize><TotalSize>2</TotalSize><LastReceived><Field name="x">1</Field></LastReceived></Paging>`,
);

const DETAIL = {
  FaultCode: 'SIM-0001',
  FaultText: 'simuleret fejltekst',
  FaultDetails: { KeyValueSet: [{ Key: 'a', Value: 'b' }] },
};

/** Everything that client and simulator write in 1.6.0, with the schema that it must hold. */
const WRITTEN: readonly (readonly [string, XmlElement])[] = [
  ['CreateFocesWhitelistingRequest', HEAD.CreateRequest.write(EXAMPLE_VALUE)],
  ['CreateFocesWhitelistingRequest', HEAD.CreateRequest.write(createdBy(create(basic())))],
  ['CreateFocesWhitelistingResponse', HEAD.CreateResponse.write({ FocesWhitelisting: ENTRY })],
  [
    'GetFocesWhitelistingsRequest',
    HEAD.GetRequest.write({ OrganisationIdentifier: ENTRY.OrganisationIdentifier }),
  ],
  ['GetFocesWhitelistingsResponse', HEAD.GetResponse.write({ FocesWhitelisting: [ENTRY, ENTRY] })],
  ['GetFocesWhitelistingsResponse', HEAD.GetResponse.write({ FocesWhitelisting: [] })],
  [
    'DeleteFocesWhitelistingRequest',
    HEAD.DeleteRequest.write({ ModifiedBy: EXAMPLE_VALUE.CreatedBy, FocesWhitelisting: ENTRY }),
  ],
  ['DeleteFocesWhitelistingResponse', HEAD.DeleteResponse.write({ FocesWhitelisting: ENTRY })],
  ['FMKRequestHeader', requestHeader('1.6.0-head', SYSTEM, false)],
  ['FMKRequestHeader', requestHeader('1.6.0-head', SYSTEM, true)],
  [
    'TimingList',
    TIMING_LIST.write({ Timing: [{ SystemName: 'FMK', ServiceName: 'Create', TimeInMilliseconds: 42 }] }),
  ],
  ['FMKResponseHeader', FMK_RESPONSE_HEADER.write({})],
  ['FMKResponseHeader', FMK_RESPONSE_HEADER.write(responseHeader('paged-answer'))],
  [
    'FMKResponseHeader',
    FMK_RESPONSE_HEADER.write({
      Paging: PAGING,
      Warnings: { Warning: [DETAIL] },
      Informations: { Information: [{ Text: 'x', KeyValuePair: [] }] },
    }),
  ],
  ['FMKDetail', FMK_DETAIL.write(DETAIL)],
];

describe('what is written', () => {
  it.runIf(hasSchemas).each(WRITTEN)("holds FMK's schema: %s", (root, element) => {
    expect(validates(printXml(element), root)).toBe(true);
  });

  it('keeps the limits of the header: a system name of 31 characters is not read (23)', () => {
    const long = printXml(requestHeader('1.6.0-head', { ...SYSTEM, name: 'x'.repeat(31) }, false));
    if (hasSchemas) expect(validates(long, 'FMKRequestHeader')).toBe(false);
    const wrong = printXml(requestHeader('1.6.0-head', SYSTEM, false)).replace(
      'medcom:locationnumber',
      'medcom:ean',
    );
    if (hasSchemas) expect(validates(wrong, 'FMKRequestHeader')).toBe(false);
  });

  it('in 1.4.6 has the whitelisting header as a block of its own', () => {
    expect(printXml(requestHeader('1.4.6-E6', SYSTEM, true))).toContain(
      '<sdsd:WhitelistingHeader xmlns:sdsd="http://www.sdsd.dk/dgws/2012/06">',
    );
  });

  const word = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((text) => /^[^\p{C}\p{Z}\uFFFE\uFFFF]+$/u.test(text));

  it('is read back as the same, whatever characters names have', () => {
    fc.assert(
      fc.property(word, word, fc.array(word, { maxLength: 5 }), (name, org, lines) => {
        const value: CreateRequest = {
          ...EXAMPLE_VALUE,
          CreatedBy: {
            HealthcareProfessional: { Name: name, Information: [] },
            Role: name,
            Organisation: {
              Identifier: { source: 'SOR', value: org },
              Type: org,
              Name: org,
              AddressLine: lines,
            },
          },
        };
        const text = printXml(HEAD.CreateRequest.write(value));
        expect(HEAD.CreateRequest.read(parsed(text), STRICT)).toEqual({
          ok: true,
          value: { value, left: [] },
        });
      }),
      { numRuns: 200 },
    );
  });
});

it.runIf(hasSchemas)('the schema in use allows the FocesId that the newest version does', () => {
  expect(readFileSync(join(XSD, 'FocesId.xsd'), 'utf8')).toContain('maxLength value="100"');
});
