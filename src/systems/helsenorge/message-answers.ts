import { fail, ok, type Result } from '../../result.ts';
import { isTypePi, type NavngittHelseperson, type SettRequest, type TbInnbyggerMetadata } from './message.ts';
import {
  boolean,
  instant,
  type Members,
  matching,
  oneOf,
  type Parsed,
  parseList,
  parseObject,
  type Reader,
  string,
  wholeNumber,
} from './message-reading.ts';

/**
 * PVK's answers, read: tolerant exactly where its documentation contradicts itself or its own answers, strict
 * otherwise. Each parser takes the result of JSON.parse; a failure says what is wrong without any content.
 */

/** Answer of Sett. 200 alone is no success: `ikkeOk` is a documented answer. */
export interface SettAnswer {
  readonly returKode: 'ok' | 'ikkeOk';
  /** `ikkeEndret`: the value already was so, or a withdrawn consent never existed. Always there with `ok`. */
  readonly instansEndret?: 'endret' | 'ikkeEndret';
}

/** When and how often a citizen's setting of one definition has changed. */
export interface Endringer {
  /** Starts at 1 and grows with each change. */
  readonly sekvensnummer?: number;
  /** First set; date and time with zone. */
  readonly opprettetTidspunkt?: string;
  /** Last changed; date and time with zone. */
  readonly sistEndretTidspunkt?: string;
}

/** Answer of Sjekk. */
export interface SjekkAnswer extends Endringer {
  readonly aktiv: boolean;
  readonly navngittHelseperson?: readonly NavngittHelseperson[];
}

/** One element of a definition's fixed metadata. */
export interface OmfangElement {
  readonly omfangKode?: string;
  readonly logiskOmfang?: string;
  readonly presisering?: string;
}

/** One setting in the answer of HentInnbyggersPiForPart, which holds active ones only. */
export interface PiForPart extends Endringer {
  readonly definisjonGuid: string;
  readonly definisjonNavn?: string;
  readonly partKode?: string;
  readonly typePi?: string;
  readonly aktiv: boolean;
  readonly navngittHelseperson?: readonly NavngittHelseperson[];
  readonly omfangElementer?: readonly OmfangElement[];
}

/** One citizen in a page of HentInnbyggereAktivePiForDefinisjon. */
export interface AktivInnbygger extends Endringer {
  readonly innbyggerFnr: string;
}

/** One page of HentInnbyggereAktivePiForDefinisjon; withdrawn citizens are simply absent from the pages. */
export interface AktivePage {
  readonly definisjonGuid: string;
  readonly definisjonNavn?: string;
  readonly partKode?: string;
  readonly typePi?: string;
  readonly omfangElementer?: readonly OmfangElement[];
  /** 0 when this was the last page; else what to ask for next. */
  readonly pagingReference: number;
  readonly personvernInnstillinger: readonly AktivInnbygger[];
}

/** Body of an error answer, in whichever of its two documented spellings. */
export interface ErrorBody {
  readonly code?: string;
  /** May hold a person number: for nobody's eyes. */
  readonly message?: string;
  readonly errorCategory?: string | number;
}

const guid = matching(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, 'a GUID');
const fnr = matching(/^\d{11}$/, '11 digits');
const FIXED_METADATA = ['reFasteMetadata', 'saFasteMetadata', 'tbFasteMetadata'] as const;

/** A number, or one written as text: both have been seen. */
const sekvensnummer: Reader<number> = {
  expected: 'a whole number of at least 1',
  read: (value) =>
    wholeNumber(1).read(typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
};

const stringOrNumber: Reader<string | number> = {
  expected: 'a string or a number',
  read: (value) => (typeof value === 'string' || typeof value === 'number' ? value : undefined),
};

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** The members that are there: an absent one is left out rather than set to undefined. */
const present = <T extends object>(members: T): Partial<Defined<T>> => {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Defined<T>>;
};

const endringer = (members: Members, need: 'required' | 'optional'): Endringer =>
  present({
    sekvensnummer: members[need]('sekvensnummer', sekvensnummer),
    opprettetTidspunkt: members[need]('opprettetTidspunkt', instant),
    sistEndretTidspunkt: members[need]('sistEndretTidspunkt', instant),
  });

const helseperson = (members: Members): NavngittHelseperson | undefined => {
  const nummer = members.required('nummer', string);
  const navn = members.optional('navn', string);
  return nummer === undefined ? undefined : { nummer, ...present({ navn }) };
};

const tbMetadata = (members: Members): TbInnbyggerMetadata | undefined => {
  const detaljertAngivelse = members.object('detaljertAngivelse', (inner) => {
    const navngittHelseperson = inner.list('navngittHelseperson', helseperson);
    return navngittHelseperson === undefined ? undefined : { navngittHelseperson };
  });
  return detaljertAngivelse === undefined ? undefined : { detaljertAngivelse };
};

// The object's first letter has been printed both ways over the versions.
const personnel = (members: Members) =>
  present({
    navngittHelseperson: members.object('TbInnbyggerMetadata', tbMetadata, 'any-case')?.detaljertAngivelse
      .navngittHelseperson,
  });

const omfangElement = (members: Members): OmfangElement =>
  present({
    omfangKode: members.optional('omfangKode', string),
    logiskOmfang: members.optional('logiskOmfang', string),
    presisering: members.optional('presisering', string),
  });

const fixedMetadata = (members: Members): { readonly omfangElementer?: readonly OmfangElement[] } => {
  const all = FIXED_METADATA.flatMap(
    (name) => members.object(name, (inner) => inner.list('omfangElementer', omfangElement)) ?? [],
  );
  return all.length === 0 ? {} : { omfangElementer: all };
};

const namesOf = (members: Members) =>
  present({
    definisjonNavn: members.optional('definisjonNavn', string),
    partKode: members.optional('partKode', string),
    typePi: members.optional('typePi', string),
  });

/** Reads the answer of Sett. */
export const parseSettAnswer = (json: unknown): Result<Parsed<SettAnswer>, string> =>
  parseObject(json, (members) => {
    const returKode = members.required('returKode', oneOf('ok', 'ikkeOk'), 'any-case');
    const need = returKode === 'ok' ? 'required' : 'optional';
    const instansEndret = members[need]('instansEndret', oneOf('endret', 'ikkeEndret'));
    return returKode === undefined ? undefined : { returKode, ...present({ instansEndret }) };
  });

/** Reads the answer of Sjekk. */
export const parseSjekkAnswer = (json: unknown): Result<Parsed<SjekkAnswer>, string> =>
  parseObject(json, (members) => {
    const aktiv = members.required('aktiv', boolean);
    const rest = { ...endringer(members, 'optional'), ...personnel(members) };
    return aktiv === undefined ? undefined : { aktiv, ...rest };
  });

/** Reads the answer of HentInnbyggersPiForPart. Its items are not documented: only the GUID is demanded. */
export const parseForPartAnswer = (json: unknown): Result<Parsed<readonly PiForPart[]>, string> =>
  parseList(json, (members) => {
    const definisjonGuid = members.required('definisjonGuid', guid);
    const aktiv = members.optional('aktiv', boolean) ?? true;
    const rest = {
      ...namesOf(members),
      ...endringer(members, 'optional'),
      ...personnel(members),
      ...fixedMetadata(members),
    };
    return definisjonGuid === undefined ? undefined : { definisjonGuid, aktiv, ...rest };
  });

const aktivInnbygger = (members: Members): AktivInnbygger | undefined => {
  const innbyggerFnr = members.required('innbyggerFnr', fnr);
  const rest = endringer(members, 'required');
  return innbyggerFnr === undefined ? undefined : { innbyggerFnr, ...rest };
};

/** Reads one page of HentInnbyggereAktivePiForDefinisjon. */
export const parseAktiveAnswer = (json: unknown): Result<Parsed<AktivePage>, string> =>
  parseObject(json, (members) => {
    const definisjonGuid = members.required('definisjonGuid', guid);
    const rest = { ...namesOf(members), ...fixedMetadata(members) };
    const pagingReference = members.required('pagingReference', wholeNumber(0));
    const personvernInnstillinger = members.list('personvernInnstillinger', aktivInnbygger);
    return definisjonGuid === undefined ||
      pagingReference === undefined ||
      personvernInnstillinger === undefined
      ? undefined
      : { definisjonGuid, ...rest, pagingReference, personvernInnstillinger };
  });

/** Reads the body of an error answer: `{code, message, errorCategory}` or `{Code, Message}`, any case. */
export const parseErrorBody = (json: unknown): Result<Parsed<ErrorBody>, string> =>
  parseObject(json, (members) =>
    present({
      code: members.optional('code', string, 'any-case'),
      message: members.optional('message', string, 'any-case'),
      errorCategory: members.optional('errorCategory', stringOrNumber, 'any-case'),
    }),
  );

const isSettRequest = (value: object): value is SettRequest => {
  const member = (name: string): unknown =>
    Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  const texts = ['innbyggerFnr', 'definisjonGuid', 'definisjonNavn', 'partKode'];
  const optionalTexts = ['tidspunkt', 'signertBevisMimeType', 'signertBevisInnhold'];
  return (
    texts.every((name) => typeof member(name) === 'string') &&
    optionalTexts.every((name) => member(name) === undefined || typeof member(name) === 'string') &&
    isTypePi(member('typePi')) &&
    typeof member('aktiv') === 'boolean'
  );
};

/** A request that comes back from the journal. It was made by the mapping, so its form alone is looked at. */
export const parseSettRequest = (json: unknown): Result<SettRequest, string> => {
  if (typeof json !== 'object' || json === null || !isSettRequest(json)) {
    return fail('the planned request is not a Sett request');
  }
  return ok(json);
};
