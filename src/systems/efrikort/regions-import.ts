import { isAddress } from '../../mail/address.ts';
import { HSA_ID_SYSTEM, organizationSystem } from '../organizations.ts';
import type { RegionContact } from './contacts.ts';
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
}

const HSA_START = /^SE\d/i;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** One record of a delimited text; a quoted cell may hold the delimiter and doubled quotes. */
const cellsOf = (line: string, delimiter: string): readonly string[] => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quoted && character === '"' && line.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"' && (quoted || cell.trim() === '')) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  return [...cells, cell.trim()];
};

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
  const rows: RawRow[] = [];
  for (const [at, line] of lines.entries()) {
    if (at <= header || line.trim() === '' || /^[-:|\s]+$/.test(line)) continue;
    if (!line.includes(delimiter)) break;
    rows.push({ line: at + 1, cells: cellsOf(line, delimiter) });
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

const addressesOf = (cells: readonly string[], report: Report): readonly string[] => {
  const cell = cells.find((one) => one.includes('@')) ?? '';
  if (/[;,]\s*$/.test(cell)) report('stray-separator');
  const given = cell
    .split(/[;,\s]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (given.some((one) => !isAddress(one))) report('not-an-address');
  const addresses = given.filter(isAddress);
  if (addresses.length === 0) report('no-contact');
  return addresses;
};

const hsa = organizationSystem(HSA_ID_SYSTEM);

const readRow = ({ cells }: RawRow, report: Report): ImportedRegion | undefined => {
  const at = cells.findIndex((cell, index) => index > 0 && HSA_START.test(cell) && !cell.includes('@'));
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
  if (validFrom !== undefined && (!DATE.test(validFrom) || Number.isNaN(Date.parse(validFrom)))) {
    report('date-malformed');
    return undefined;
  }
  if (at === 1) report('shifted-columns');
  if (hsa.legacy?.(hsaId) === true) report('hsa-id-legacy');
  const known = regionByHsaId(hsaId);
  if (known === undefined) report('region-unknown');
  const region = nameOf(cells[0] ?? '', known?.name, report);
  const addresses = addressesOf(cells.slice(1), report);
  const name = cells.find((cell, index) => index > at && cell !== '' && cell !== validFrom);
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
