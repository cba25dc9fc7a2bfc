import type { HeaderName, RuledPattern } from './table.ts';

/**
 * The handbook's page "Informationsspecifikation – meddelandehuvud", v1.6 of 2024-05-05, word for word as far
 * as the header rules quote it, so that the table can be held against the page line by line.
 */

/** The heading of a pattern, and the number of its table on the page. */
export interface PatternHeading {
  readonly section: string;
  readonly swedish: string;
  readonly english: string;
  /** "Tabell" of the page. */
  readonly table: number;
}

export const PATTERN_HEADINGS: Readonly<Record<RuledPattern, PatternHeading>> = {
  '2.1': {
    section: '2.1',
    swedish: 'Hämta utan säkerhetsintyg',
    english: 'Read without a security ticket',
    table: 2,
  },
  '2.2.1': {
    section: '2.2.1',
    swedish: 'Hämta med säkerhetsintyg utan åtkomsttyp och ändamål',
    english: 'Read or operation with a security ticket, without access and purpose',
    table: 3,
  },
  '2.2.2': {
    section: '2.2.2',
    swedish: 'Hämta med säkerhetsintyg med åtkomsttyp och ändamål',
    english: 'Read or operation with a security ticket, with access and purpose',
    table: 4,
  },
  '2.3': { section: '2.3', swedish: 'Skapa eller uppdatera resurs', english: 'Create or update', table: 5 },
};

/** "Generellt gäller": stands above all four tables. */
export const GENERAL_RULE = {
  words: 'Only data that are mandatory or relevant shall be given.',
  swedish: 'Generellt gäller att endast uppgifter som är obligatoriska eller relevanta ska anges.',
} as const;

const IGNORED = 'Ignoreras, Ej relevant';
const CALL_TYPE = 'Valfri, NORMAL förvalt';
const ACCEPT = 'Valfri, JSON förvalt';
const TICKET = 'Obligatorisk, se Säkerhetslösning samt GK 3 i Spårbarhetskrav.';
const PURPOSE = 'Obligatorisk, se Ändamål, åtkomsttyper, resurser och behörigheter';
const FROM_TICKET =
  '(apoteks-id fås via säkerhetsintyg och organisationsinformation kompletteras från Expo).';
const CARE = 'Obligatorisk för Vård se GK4 i Spårbarhetskrav';
const MEDIATED =
  'Obligatorisk för vid förmedling av direktåtkomst till Nationella läkemedelslistan för privatperson, se GK5 i Spårbarhetskrav för komplettering av organisationsinformation för förmedlande aktör (uppgift saknas i privatpersonens säkerhetsintyg).';

/** The column "Villkor" of tables 2 to 5; paragraphs are joined by a blank. */
export const HANDBOOK: Readonly<Record<RuledPattern, Readonly<Record<HeaderName, string>>>> = {
  '2.1': {
    'X-Purpose': IGNORED,
    'X-Access': IGNORED,
    'X-Provenance': IGNORED,
    'X-PatientRef': IGNORED,
    'X-ProxyRef': IGNORED,
    'X-Org-Info': IGNORED,
    Prefer: IGNORED,
    'X-User-Agent': 'Obligatorisk se GK6 i Spårbarhetskrav',
    'X-Request-ID': 'Obligatorisk se GK1 i Spårbarhetskrav.',
    'X-Context-ID': 'Valfri, rekommenderas se GK2 i Spårbarhetskrav',
    'X-Call-Type': CALL_TYPE,
    Accept: ACCEPT,
    Authorization: IGNORED,
  },
  '2.2.1': {
    'X-Purpose': IGNORED,
    'X-Access': IGNORED,
    'X-Provenance': IGNORED,
    'X-PatientRef': IGNORED,
    'X-ProxyRef': IGNORED,
    'X-Org-Info': `${CARE} ${MEDIATED} Anges ej för Apotekens egen åtkomst ${FROM_TICKET}`,
    Prefer: IGNORED,
    'X-User-Agent': 'Obligatorisk, se GK6 i Spårbarhetskrav.',
    'X-Request-ID': 'Obligatorisk, se GK1 i Spårbarhetskrav.',
    'X-Context-ID': 'Valfri, rekommenderas, se GK2 i Spårbarhetskrav',
    'X-Call-Type': CALL_TYPE,
    Accept: ACCEPT,
    Authorization: TICKET,
  },
  '2.2.2': {
    'X-Purpose': PURPOSE,
    'X-Access': PURPOSE,
    'X-Provenance': IGNORED,
    'X-PatientRef':
      'Obligatorisk, valideras enligt Generella verksamhetsregler VR095 eller VR096. Undantag anges inte för: • TA 05 - Hämta patientinformation - vid sökning med personnummer. • TA 08 - Kontrollera vårdnadshavare • TA 14 - Hämta förskrivningar och uttag - apotek variant 1.6 Hämta direktadresserade förskrivningar för förskrivningar med födelsedatum • TA 19 - Hämta ej godkända dosunderlag - Apotek',
    'X-ProxyRef':
      'Obligatorisk om ändamål är "Direktåtkomst till egna uppgifter" och Åtkomsttyp är "Vårdnadshavare" eller "Köpfullmakt"',
    'X-Org-Info': `${CARE} ${MEDIATED} Anges ej för Apotekens egen åtkomst för ändamålen - "Expediering" och "Underlättande av patients läkemedelsanvändning" ${FROM_TICKET}`,
    Prefer: IGNORED,
    'X-User-Agent': 'Obligatorisk, se GK6 i Spårbarhetskrav.',
    'X-Request-ID': 'Obligatorisk, se GK1 i Spårbarhetskrav.',
    'X-Context-ID': 'Valfri, rekommenderas se GK2 i Spårbarhetskrav',
    'X-Call-Type': CALL_TYPE,
    Accept: ACCEPT,
    Authorization: TICKET,
  },
  '2.3': {
    'X-Purpose': IGNORED,
    'X-Access': IGNORED,
    'X-Provenance': 'Obligatorisk',
    'X-PatientRef': `${IGNORED} - anges i resurs som skapas eller uppdateras.`,
    'X-ProxyRef': IGNORED,
    'X-Org-Info': `${CARE} Obligatorisk då uppgift registreras av privatperson i nationella läkemedelslistan (exempelvis samtycke eller spärr). Se GK5 i Spårbarhetskrav för komplettering av organisationsinformation för förmedlande aktör (uppgift om detta saknas i privatpersonens säkerhetsintyg). Anges ej för Apoteks anrop ${FROM_TICKET}`,
    Prefer: 'Obligatorisk, för Förskrivning. Se Krav på anropsresultat och felhantering',
    'X-User-Agent': 'Obligatorisk, se GK6 i Spårbarhetskrav.',
    'X-Request-ID': 'Obligatorisk, se GK1 i Spårbarhetskrav.',
    'X-Context-ID': 'Valfri, rekommenderas se GK2 i Spårbarhetskrav',
    'X-Call-Type':
      'Valfri, NORMAL förvalt. Anropstyp ska användas i TA10 Skapa förskrivning - Vård med värdet "DELAYED" för tillämpning av reservlösningen.',
    Accept: ACCEPT,
    Authorization: TICKET,
  },
};
