import { fail, ok, type Result } from '../../result.ts';
import { isTypePi, type TypePi } from './message.ts';

/**
 * The definitions of personverninnstillinger that the facade knows. PVK publishes no list service, so the
 * catalogue is configuration; the default holds what is public.
 */
export interface CatalogueEntry {
  /** Lower case. */
  readonly guid: string;
  /** PVK's definisjonNavn. */
  readonly navn: string;
  /**
   * Short code of the owner, case-sensitive. Undefined where it is not public: then each Consent must name it
   * and it is not compared with anything.
   */
  readonly partKode?: string;
  readonly typePi: TypePi;
  /** Whether an active setting names health personnel. Other kinds than tilgangsbegrensning: `forbidden`. */
  readonly metadata: 'required' | 'optional' | 'forbidden';
  /** How many periods of validity the citizen may set. */
  readonly periods: 'none' | 'one' | 'many';
  /** Whether a signed proof may be sent along. */
  readonly proof: 'allowed' | 'forbidden';
}

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  /** The entry of a GUID in any letter case. */
  find(guid: string): CatalogueEntry | undefined;
  /** The definitions of one owner. */
  ofPart(partKode: string): readonly CatalogueEntry[];
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A GUID in any letter case, without braces. */
export const isGuid = (text: string): boolean => GUID.test(text);

export const createCatalogue = (entries: readonly CatalogueEntry[]): Catalogue => {
  const byGuid = new Map(entries.map((entry) => [entry.guid.toLowerCase(), entry]));
  return {
    entries,
    find: (guid) => byGuid.get(guid) ?? byGuid.get(guid.toLowerCase()),
    ofPart: (partKode) => entries.filter((entry) => entry.partKode === partKode),
  };
};

const plain = (guid: string, navn: string, partKode: string | undefined, typePi: TypePi): CatalogueEntry => ({
  guid,
  navn,
  ...(partKode === undefined ? {} : { partKode }),
  typePi,
  metadata: 'forbidden',
  periods: 'none',
  proof: 'allowed',
});

const restriction = (
  guid: string,
  navn: string,
  partKode: string | undefined,
  metadata: CatalogueEntry['metadata'],
): CatalogueEntry => ({ ...plain(guid, navn, partKode, 'tilgangsbegrensning'), metadata });

/**
 * The public definitions. Which of them let the citizen set periods is not public (`none`), nor which of them
 * refuse a proof (`allowed`). Two tilgangsbegrensninger show that one form names personnel and another
 * ("everyone but the general practitioner") cannot.
 */
export const DEFAULT_CATALOGUE: Catalogue = createCatalogue([
  plain(
    '3fe2a80a-4200-42e2-817b-da8a6236708a',
    'Samtykke til oppbevaring av biomateriale',
    'NFS',
    'samtykke',
  ),
  plain(
    'ecc56090-124b-4405-8137-2a616c683ffc',
    'Reservasjon mot registrering av helseopplysninger',
    'PDMR',
    'reservasjon',
  ),
  restriction(
    '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0',
    'Begrensning av helsepersonells tilgang til legemiddelliste',
    'RF',
    'required',
  ),
  plain(
    '56a8756c-49f7-4cb9-bfc0-ba282baf0f83',
    'Reservasjon mot oppføring i NORPREG',
    'norpreg',
    'reservasjon',
  ),
  plain('2c11f0ca-7270-43f1-a473-bac325feb3f6', 'Proton- og stråleregister samtykke', 'prostraa', 'samtykke'),
  plain('b3cda307-154c-4af4-87d3-30567c931924', 'Reservasjon mot registrering', undefined, 'reservasjon'),
  restriction('fb922810-01f1-4b20-9999-bb25b47d1b44', 'PllAlleUnntattFastlegen', undefined, 'forbidden'),
  restriction('07a49957-f6d8-4d2e-86e2-fe11997709e0', 'PllBestemtHelsepersonell', undefined, 'required'),
]);

const CHOICES = {
  metadata: ['required', 'optional', 'forbidden'],
  periods: ['none', 'one', 'many'],
  proof: ['allowed', 'forbidden'],
} as const;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const choice = <T extends string>(source: Json, member: string, choices: readonly T[], absent: T) => {
  const value = source[member];
  return value === undefined ? absent : choices.find((candidate) => candidate === value);
};

const MEMBERS = new Set(['guid', 'navn', 'partKode', 'typePi', 'metadata', 'periods', 'proof']);

const parseEntry = (source: unknown): Result<CatalogueEntry, string> => {
  if (!isObject(source)) return fail('is not an object');
  const { guid, navn, partKode, typePi } = source;
  const foreign = Object.keys(source).find((member) => !MEMBERS.has(member));
  if (foreign !== undefined) return fail(`has the unknown member "${foreign}"`);
  if (typeof guid !== 'string' || !isGuid(guid)) return fail('needs "guid", a GUID without braces');
  if (typeof navn !== 'string' || navn.trim() === '') return fail('needs "navn", a text');
  if (partKode !== undefined && (typeof partKode !== 'string' || partKode.trim() === '')) {
    return fail('has a "partKode" that is not a text');
  }
  if (!isTypePi(typePi)) return fail('needs "typePi": samtykke, reservasjon or tilgangsbegrensning');
  const restricts = typePi === 'tilgangsbegrensning';
  const metadata = choice(source, 'metadata', CHOICES.metadata, restricts ? 'optional' : 'forbidden');
  const periods = choice(source, 'periods', CHOICES.periods, 'none');
  const proof = choice(source, 'proof', CHOICES.proof, 'allowed');
  if (metadata === undefined) return fail('has a "metadata" other than required, optional, forbidden');
  if (periods === undefined) return fail('has "periods" other than none, one, many');
  if (proof === undefined) return fail('has a "proof" other than allowed, forbidden');
  if (!restricts && metadata !== 'forbidden')
    return fail('names health personnel, but is no tilgangsbegrensning');
  if (restricts && periods !== 'none') return fail('has periods, which no tilgangsbegrensning has');
  const part = partKode === undefined ? {} : { partKode };
  return ok({ guid: guid.toLowerCase(), navn, ...part, typePi, metadata, periods, proof });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * A catalogue from its configuration: a JSON list of entries with the members of `CatalogueEntry`. Left out,
 * `metadata` is `forbidden` (tilgangsbegrensning: `optional`), `periods` `none` and `proof` `allowed`. The
 * failure is one sentence about the first entry at fault, counted from 1.
 */
export const parseCatalogue = (text: string): Result<Catalogue, string> => {
  const json = parseJson(text);
  if (!Array.isArray(json)) return fail('the definition catalogue is not a JSON list');
  const entries: CatalogueEntry[] = [];
  const seen = new Set<string>();
  for (const [index, source] of json.entries()) {
    const entry = parseEntry(source);
    if (!entry.ok) return fail(`entry ${index + 1} of the definition catalogue ${entry.failure}`);
    if (seen.has(entry.value.guid)) {
      return fail(`entry ${index + 1} of the definition catalogue repeats the GUID of an earlier one`);
    }
    seen.add(entry.value.guid);
    entries.push(entry.value);
  }
  return ok(createCatalogue(entries));
};
