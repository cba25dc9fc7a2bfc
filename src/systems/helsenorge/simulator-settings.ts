/** One element of a setting's fixed metadata, as the active list answers it. */
export interface OmfangElement {
  readonly omfangKode: string;
  readonly logiskOmfang: string;
  readonly presisering: string;
}

/** A definition as PVK's catalogue has it. */
export interface PvkDefinition {
  /** In any letter case. */
  readonly guid: string;
  readonly navn: string;
  /** Undefined where it is not known: any partKode is then good. */
  readonly partKode?: string | undefined;
  readonly typePi: 'samtykke' | 'reservasjon' | 'tilgangsbegrensning';
  readonly metadata: 'required' | 'optional' | 'forbidden';
  readonly periods: 'none' | 'one' | 'many';
  readonly proof: 'allowed' | 'forbidden';
  readonly omfangElementer?: readonly OmfangElement[] | undefined;
}

export type Right = 'read' | 'write';

/** A client's rights to a definition; `*` stands for any. Without a grant nothing is allowed. */
export interface Grant {
  readonly clientId: string;
  readonly definisjonGuid: string;
  readonly rights: readonly Right[];
}

/** Every client may do everything: the sandbox until its configuration narrows it. */
export const OPEN_GRANTS: readonly Grant[] = [
  { clientId: '*', definisjonGuid: '*', rights: ['read', 'write'] },
];

/**
 * The citizen that PVK does not know by default: a synthetic number of the range of Tenor test persons
 * (month + 80), with good check digits.
 */
export const UNKNOWN_CITIZEN = '24927500155';

/** The switches of the simulator, first value of the documented row first; each is a guess where PVK is silent. */
export interface PvkSimulatorSettings {
  /** Issuer of the access tokens. */
  readonly issuer: string;
  readonly audience: string;
  readonly scopes: Readonly<Record<Right, string>>;
  /** Path of the base URL, without a slash at the end. */
  readonly basePath: string;
  /** `code`, `message`, `errorCategory` as clients met them, or `Code`, `Message` as documented. */
  readonly errorKeys: 'code' | 'Code';
  readonly bearer: 'refuse' | 'accept';
  readonly htuWithQuery: 'refuse' | 'accept';
  readonly expiredTokenStatus: 401 | 403;
  readonly securityCode: 'EHSEC-110002' | 'SEC-110000';
  readonly tokenWithoutOrganization: 'refuse' | 'accept';
  readonly resultKey: 'returKode' | 'returkode';
  readonly epvkStatus: 400 | 404 | 422;
  /** When the same names again count as a change. */
  readonly listEquality: 'set' | 'ordered' | 'always-changed';
  readonly tidspunkt: 'accept' | 'refuse-future' | 'ignore-older';
  readonly pageSize: number;
  readonly settV1: 404 | 410 | 'works';
  readonly checkDigits: 'not-checked' | 'checked';
  readonly unknownCitizens: readonly string[];
  /** Largest signed proof, bytes: what a client caps it at; PVK's own limit is not known. */
  readonly maxProof: number;
  /** Whether HentInnbyggersPiForPart answers the named health personnel too; its item's shape is not known. */
  readonly namesInPartAnswer: 'no' | 'yes';
  /**
   * Names of the top-level members that carry the citizen's own time limits. Not known, so none by default:
   * then a body has no time limits whatever it holds.
   */
  readonly periodMembers: readonly string[];
}

export const PVK_SIMULATOR_DEFAULTS: PvkSimulatorSettings = {
  issuer: 'https://helseid-sts.test.nhn.no',
  audience: 'nhn:helsenorge.eksternapi',
  scopes: {
    read: 'nhn:helsenorge.eksternapi/personverninnstilling_read',
    write: 'nhn:helsenorge.eksternapi/personverninnstilling_write',
  },
  basePath: '',
  errorKeys: 'code',
  bearer: 'refuse',
  htuWithQuery: 'refuse',
  expiredTokenStatus: 401,
  securityCode: 'EHSEC-110002',
  tokenWithoutOrganization: 'refuse',
  resultKey: 'returKode',
  epvkStatus: 400,
  listEquality: 'set',
  tidspunkt: 'accept',
  pageSize: 100,
  settV1: 404,
  checkDigits: 'not-checked',
  unknownCitizens: [UNKNOWN_CITIZEN],
  maxProof: 4 * 1024 * 1024,
  namesInPartAnswer: 'no',
  periodMembers: [],
};
