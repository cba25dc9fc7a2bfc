import { anything, attribute, type Described, message, ownText, sequence, simple } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, oneOf, textUpTo, xsDateTime } from '../../xml/codec-text.ts';
import type { XmlElement } from '../../xml/tree.ts';
import { FMK_160, SDSD } from './message.ts';
import { type FmkVersion, NAME_FORMATS, type WhitelistedSystem } from './settings.ts';

/** FMK's header blocks and the detail of its faults. */

const whitelisting = ({ one, optional }: ReturnType<typeof inside>) =>
  sequence({
    SystemOwnerName: one('SystemOwnerName', simple(textUpTo(200))),
    SystemName: one('SystemName', simple(textUpTo(30))),
    SystemVersion: one('SystemVersion', simple(textUpTo(200))),
    OrgResponsibleName: optional('OrgResponsibleName', simple(textUpTo(200))),
    OrgUsingName: optional('OrgUsingName', simple(textUpTo(200))),
    OrgUsingID: optional(
      'OrgUsingID',
      sequence({ NameFormat: attribute('NameFormat', oneOf(NAME_FORMATS)), value: ownText(textUpTo(200)) }),
    ),
    BorgerOpslag: optional('BorgerOpslag', simple(anyText)),
    RequestedRole: optional('RequestedRole', simple(textUpTo(200))),
    SystemType: optional('SystemType', simple(textUpTo(200))),
  });

const VOCABULARY = { uri: FMK_160, prefix: '' };
const { one, optional, many } = inside(VOCABULARY);

/** 1.6.0. Blocks that no operation here uses are kept as they are when read, and never written. */
export const FMK_REQUEST_HEADER = message(
  VOCABULARY,
  'FMKRequestHeader',
  sequence({
    OnBehalfOfHeader: optional('OnBehalfOfHeader', anything),
    WhitelistingHeader: one('WhitelistingHeader', whitelisting(inside(VOCABULARY))),
    ConsentHeader: optional('ConsentHeader', anything),
    MinLogSessionId: optional('MinLogSessionId', simple(textUpTo(40))),
    Paging: optional('Paging', anything),
    ExtendedValidationHeader: optional('ExtendedValidationHeader', anything),
    FMKConfigurationLastUpdated: optional('FMKConfigurationLastUpdated', simple(xsDateTime)),
    PreflightOnly: optional('PreflightOnly', simple(anyText)),
    PartOfBatchOperation: optional('PartOfBatchOperation', simple(anyText)),
  }),
);

/** 1.4.x: a block of its own, in a namespace of its own. */
export const WHITELISTING_HEADER = message(
  { uri: SDSD, prefix: 'sdsd' },
  'WhitelistingHeader',
  whitelisting(inside({ uri: SDSD, prefix: 'sdsd' })),
);

export type WhitelistingHeader = Described<typeof WHITELISTING_HEADER>;

const toHeader = (system: WhitelistedSystem): WhitelistingHeader => ({
  SystemOwnerName: system.ownerName,
  SystemName: system.name,
  SystemVersion: system.version,
  OrgResponsibleName: system.orgResponsibleName,
  OrgUsingName: system.orgUsingName,
  OrgUsingID: { NameFormat: system.orgUsingId.nameFormat, value: system.orgUsingId.value },
  RequestedRole: system.requestedRole,
});

/** The header block of a call. `preflight`: validate, do not execute; only 1.6.0 has it. */
export const requestHeader = (
  version: FmkVersion,
  system: WhitelistedSystem,
  preflight: boolean,
): XmlElement =>
  version === '1.4.6-E6'
    ? WHITELISTING_HEADER.write(toHeader(system))
    : FMK_REQUEST_HEADER.write({
        WhitelistingHeader: toHeader(system),
        ...(preflight ? { PreflightOnly: '' } : {}),
      });

const keyValue = sequence({
  Key: one('Key', simple(anyText)),
  Value: one('Value', simple(anyText)),
});

const detail = sequence({
  FaultCode: one('FaultCode', simple(anyText)),
  FaultText: one('FaultText', simple(anyText)),
  // The schema wants it; who sends none still has something to say.
  FaultDetails: optional('FaultDetails', sequence({ KeyValueSet: many('KeyValueSet', keyValue) })),
});

export const FMK_DETAIL = message(VOCABULARY, 'FMKDetail', detail);

export type FmkDetail = Described<typeof FMK_DETAIL>;

export const FMK_RESPONSE_HEADER = message(
  VOCABULARY,
  'FMKResponseHeader',
  sequence({
    KnownPersonIdentifiers: optional('KnownPersonIdentifiers', anything),
    MedicinecardInvalid: optional('MedicinecardInvalid', anything),
    VersionMismatchWarning: optional('VersionMismatchWarning', anything),
    HiddenData: optional('HiddenData', anything),
    Paging: optional('Paging', anything),
    Warnings: optional('Warnings', sequence({ Warning: many('Warning', detail) })),
    FMKConfigurationUpdatedWarning: optional('FMKConfigurationUpdatedWarning', anything),
    Informations: optional(
      'Informations',
      sequence({
        Information: many(
          'Information',
          sequence({
            Text: one('Text', simple(anyText)),
            KeyValuePair: many('KeyValuePair', keyValue),
          }),
        ),
      }),
    ),
  }),
);

export type FmkResponseHeader = Described<typeof FMK_RESPONSE_HEADER>;

/** GetPermissions: what each role may do. The simulator serves it. */
export const GET_PERMISSIONS_RESPONSE = message(
  VOCABULARY,
  'GetPermissionsResponse',
  sequence({
    RolesPermissions: many(
      'RolesPermissions',
      sequence({
        RequestedRole: one('RequestedRole', simple(textUpTo(200))),
        Permission: many('Permission', simple(textUpTo(200))),
      }),
    ),
  }),
);

export const GET_PERMISSIONS_REQUEST = message(
  VOCABULARY,
  'GetPermissionsRequest',
  sequence({
    GetAllPermissions: optional('GetAllPermissions', anything),
    GetCallersPermissions: optional('GetCallersPermissions', anything),
    GetCallersPermissionsToPerson: optional('GetCallersPermissionsToPerson', anything),
  }),
);
