import { isAddress, parseMailbox } from '../../mail/address.ts';
import { HSA_ID_SYSTEM, organizationSystem } from '../organizations.ts';
import type { RegionContact } from './contacts.ts';
import { recordAt } from './delimited.ts';
import { hasLostCharacter, probableText } from './mojibake.ts';
import { regionByHsaId } from './regions.ts';

/** What the import has to say about a row. */
export const IMPORT_FINDINGS = {
  'shifted-columns': 'The HSA-id stood in another column; the row has no contact in its place.',
  'mojibake-read': 'The name was UTF-8 read in another encoding; it was read as meant.',
  'mojibake-lost': 'A character of the name is lost; the name of the list of regions is used.',
  'stray-separator': 'The contact column ends with a separator; it was passed over.',
  'no-contact': 'The row has no contact: requests to this region cannot be sent.',
  'not-an-address': 'A contact is no mail address; it was left out.',
  'no-hsa-id': 'The row has no HSA-id; it was left out.',
  'hsa-id-legacy': 'The HSA-id has a 12-digit organisation number, an old form; it is taken as it stands.',
  'hsa-id-malformed': 'The HSA-id is malformed; the row was left out.',
  'region-unknown': 'The region is not in the list that comes with this server; it is taken.',
  'name-differs': 'The list of regions has another name for this HSA-id; the HSA-id decides.',
  'duplicate-region': 'The region stands in more than one row; the addresses were joined.',
  'date-malformed': 'The date is none (YYYY-MM-DD); the row was left out.',
  'not-readable': 'The file is neither a table nor JSON of regions.',
} as const;

export type ImportFindingCode = keyof typeof IMPORT_FINDINGS;

export interface ImportFinding {
  /** Line of the file, or number of the entry in JSON, from 1. */
  readonly line: number;
  readonly code: ImportFindingCode;
}

export interface ImportedRegion extends RegionContact {
  /** As the file names the region, read as meant. */
  readonly region: string;
}

export interface RegionImport {
  readonly regions: readonly ImportedRegion[];
  readonly findings: readonly ImportFinding[];
}

interface RawRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** Where the header has the HSA-id. */
  readonly column: number;
}

const HSA_START = /^SE\d/i;

/** A semicolon also separates addresses, so it is the last that is thought of. */
const DELIMITERS = ['|', '\t', ',', ';'] as const;

const delimiterOf = (header: string): string | undefined =>
  DELIMITERS.find((delimiter) => header.includes(delimiter));

const isRow = (cells: readonly string[]): boolean =>
  cells.some((cell) => HSA_START.test(cell)) || cells.some((cell) => cell.includes('@'));

/**
 * The rows of a table, with or without its page around it: everything before the header is passed over, and
 * what is no row ends it.
 */
const tableRows = (text: string): readonly RawRow[] => {
  const lines = text.split(/\r\n|\r|\n/);
  const header = lines.findIndex((line) => /HSA/i.test(line) && delimiterOf(line) !== undefined);
  const delimiter = delimiterOf(lines[header] ?? '');
  if (delimiter === undefined) return [];
  const column = recordAt(lines, header, delimiter).cells.findIndex((cell) => /HSA/i.test(cell));
  const rows: RawRow[] = [];
  for (let at = header + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || /^[-:|\s]+$/.test(line)) continue;
    if (!line.includes(delimiter) && !line.startsWith('"')) break;
    const record = recordAt(lines, at, delimiter);
    rows.push({ line: at + 1, cells: record.cells, column });
    at += record.lines - 1;
  }
  return rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
};

const textMember = (entry: object, ...names: readonly string[]): string => {
  for (const [name, value] of Object.entries(entry)) {
    if (!names.includes(name.toLowerCase())) continue;
    if (typeof value === 'string') return value.trim();
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(';');
  }
  return '';
};

const jsonRows = (text: string): readonly RawRow[] | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list: unknown =
    typeof value === 'object' && value !== null && 'regions' in value ? value.regions : value;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((entry: unknown, at) =>
    typeof entry === 'object' && entry !== null
      ? [
          {
            line: at + 1,
            column: 2,
            cells: [
              textMember(entry, 'name', 'region'),
              textMember(entry, 'addresses', 'contacts', 'contact', 'kontaktadress', 'email'),
              textMember(entry, 'hsaid', 'hsa-id'),
              textMember(entry, 'validfrom', 'valid-from'),
              textMember(entry, 'contactname', 'contact-name'),
            ],
          },
        ]
      : [],
  );
};

type Report = (code: ImportFindingCode) => void;

const nameOf = (cell: string, known: string | undefined, report: Report): string => {
  const meant = probableText(cell);
  if (meant !== undefined) report('mojibake-read');
  const name = meant ?? cell;
  if (hasLostCharacter(name)) {
    report('mojibake-lost');
    return known ?? name;
  }
  if (known !== undefined && known.normalize('NFC') !== name.normalize('NFC')) report('name-differs');
  return name;
};

/** One address, with or without a name; several, where blanks alone stand between them. */
const addressesInPiece = (piece: string): readonly string[] => {
  const mailbox = parseMailbox(piece);
  return mailbox === undefined ? piece.split(/\s+/) : [mailbox.address];
};

const addressesOf = (cells: readonly string[], report: Report): readonly string[] => {
  const contacts = cells.filter((cell) => cell.includes('@'));
  if (contacts.some((cell) => /[;,]\s*$/.test(cell))) report('stray-separator');
  const given = contacts
    .flatMap((cell) => cell.split(/[;,]/))
    .flatMap((piece) => addressesInPiece(piece.trim()))
    .filter((one) => one !== '');
  if (given.some((one) => !isAddress(one))) report('not-an-address');
  const addresses = given.filter(isAddress);
  if (addresses.length === 0) report('no-contact');
  return addresses;
};

/** A day of the calendar: `2026-02-30` is none. */
const isDay = (text: string): boolean => {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

const hsa = organizationSystem(HSA_ID_SYSTEM);

const readRow = ({ cells, column }: RawRow, report: Report): ImportedRegion | undefined => {
  const at = cells.findIndex((cell) => HSA_START.test(cell) && !cell.includes('@'));
  const hsaId = cells[at];
  if (hsaId === undefined) {
    report('no-hsa-id');
    return undefined;
  }
  if (hsa?.wellFormed(hsaId) !== true || hsaId.length > 31) {
    report('hsa-id-malformed');
    return undefined;
  }
  const validFrom = cells.find((cell, index) => index > at && /^\d[\d-]+$/.test(cell));
  if (validFrom !== undefined && !isDay(validFrom)) {
    report('date-malformed');
    return undefined;
  }
  if (at < column) report('shifted-columns');
  if (hsa.legacy?.(hsaId) === true) report('hsa-id-legacy');
  const known = regionByHsaId(hsaId);
  if (known === undefined) report('region-unknown');
  const texts = cells.filter(
    (cell, index) => index !== at && cell !== '' && cell !== validFrom && !cell.includes('@'),
  );
  const [title, name] = at === 0 || cells[0] !== '' ? texts : ['', ...texts];
  const region = nameOf((title ?? '').replace(/\s+/g, ' '), known?.name, report);
  const addresses = addressesOf(cells, report);
  return {
    region,
    hsaId: known?.hsaId ?? hsaId,
    addresses,
    ...(name === undefined ? {} : { name }),
    ...(validFrom === undefined ? {} : { validFrom }),
  };
};

/**
 * Reads the operator's contacts: CSV (`|`, tab, comma or semicolon; a header line that names the HSA-id), the
 * table of eFrikort's own page with the page around it, or JSON `[{name, addresses, hsaId, validFrom}]`. Columns
 * are told by their content, because rows without a contact are shifted. Pure; nothing is repaired in silence.
 */
export const parseRegionImport = (text: string): RegionImport => {
  const bare = text.replace(/^\ufeff/, '');
  const rows = /^\s*[[{]/.test(bare) ? jsonRows(bare) : tableRows(bare);
  if (rows === undefined || rows.length === 0) {
    return { regions: [], findings: [{ line: 1, code: 'not-readable' }] };
  }
  const findings: ImportFinding[] = [];
  const regions: ImportedRegion[] = [];
  for (const row of rows) {
    const report: Report = (code) => findings.push({ line: row.line, code });
    const read = isRow(row.cells) ? readRow(row, report) : undefined;
    if (read === undefined) {
      if (!isRow(row.cells)) report('no-hsa-id');
      continue;
    }
    const earlier = regions.findIndex((one) => one.hsaId === read.hsaId && one.validFrom === read.validFrom);
    const first = regions[earlier];
    if (first === undefined) regions.push(read);
    else {
      report('duplicate-region');
      regions[earlier] = { ...first, addresses: [...new Set([...first.addresses, ...read.addresses])] };
    }
  }
  return { regions, findings };
};

/** The import in words for the operator's terminal: counts and findings by line, never an address. */
export const describeImport = ({ regions, findings }: RegionImport): readonly string[] => [
  `${regions.length} regions read, ${regions.filter(({ addresses }) => addresses.length > 0).length} of them with a contact.`,
  ...findings.map(({ line, code }) => `${line}: ${IMPORT_FINDINGS[code]} (${code})`),
];
