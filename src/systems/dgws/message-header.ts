import { anything, type Described, message, sequence, simple } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, oneOf, xsInstant, xsInteger } from '../../xml/codec-text.ts';
import { MEDCOM, SAML, WSSE, WSU } from './message-names.ts';

/** Minutes, as the schema's list has them; the unit is not documented. */
export const TIMEOUTS = ['5', '30', '480', '1440', 'unbound'] as const;
export const PRIORITIES = ['AKUT', 'HASTER', 'RUTINE'] as const;
export const RECEIPTS = ['yes', 'no'] as const;
/** With one s: that is how the schema spells it. */
export const FINALIZED = 'flow_finalized_succesfully';

const medcom = inside(MEDCOM);
const wsu = inside(WSU);
const saml = inside(SAML);
const text = simple(anyText);

/** `medcom:Header`, written in the order of the schema; real servers have others, so it is read by name. */
export const HEADER = message(
  MEDCOM,
  'Header',
  sequence({
    securityLevel: medcom.optional('SecurityLevel', simple(xsInteger)),
    timeOut: medcom.optional('TimeOut', simple(oneOf(TIMEOUTS))),
    linking: medcom.one(
      'Linking',
      sequence({
        flowId: medcom.optional('FlowID', text),
        // Required by the schema, missing from some replies.
        messageId: medcom.optional('MessageID', text),
        inResponseTo: medcom.optional('InResponseToMessageID', text),
      }),
    ),
    flowStatus: medcom.optional('FlowStatus', text),
    priority: medcom.optional('Priority', simple(oneOf(PRIORITIES))),
    nonRepudiationReceipt: medcom.optional('RequireNonRepudiationReceipt', simple(oneOf(RECEIPTS))),
  }),
);

export type DgwsHeader = Described<typeof HEADER>;

/** `wsse:Security`: when it was made, and the ID card if there is one. */
export const SECURITY = message(
  WSSE,
  'Security',
  sequence({
    timestamp: wsu.one('Timestamp', sequence({ created: wsu.one('Created', simple(xsInstant)) })),
    card: saml.optional('Assertion', anything),
  }),
);
