import { fail, ok, type Result } from '../../result.ts';
import type { Vocabulary } from '../../xml/codec.ts';
import { parseXml } from '../../xml/parse.ts';
import { printXml } from '../../xml/print.ts';
import { childrenNamed, elementsIn, elementsOf, isNamed, type XmlElement } from '../../xml/tree.ts';
import { readFault, type SoapFault } from './message-fault.ts';
import { type DgwsHeader, HEADER, SECURITY } from './message-header.ts';
import { MEDCOM, SAML, SOAP, WSSE, WSU } from './message-names.ts';

/** A SOAP 1.1 message of DGWS before it is written. */
export interface EnvelopeParts {
  /** `wsu:Created`, milliseconds since the epoch. */
  readonly created: number;
  /** The ID card, signed: goes in character by character. */
  readonly card?: string;
  /** Absent towards the STS. */
  readonly header?: DgwsHeader;
  /** Further header blocks, e.g. a service's own, after DGWS's. */
  readonly blocks?: readonly XmlElement[];
  readonly body: XmlElement;
  /** What stands in the place of elements of the body, character by character. */
  readonly verbatim?: ReadonlyMap<XmlElement, string>;
  /** Declared on the envelope beside SOAP's and DGWS's own. */
  readonly declare?: readonly Vocabulary[];
}

const soap = elementsIn(SOAP.uri, SOAP.prefix);

/** The envelope on one line. */
export const writeEnvelope = (parts: EnvelopeParts): string => {
  const { created, card, header, blocks = [], body, verbatim = new Map(), declare = [] } = parts;
  const slot = elementsIn(SAML.uri, SAML.prefix)('Assertion');
  const security = SECURITY.write({
    timestamp: { created },
    ...(card === undefined ? {} : { card: slot }),
  });
  // The written element holds a copy of the slot, and that is what is to be replaced.
  const placed = childrenNamed(security, SAML.uri, 'Assertion')[0];
  const headers = [security, ...(header === undefined ? [] : [HEADER.write(header)]), ...blocks];
  const envelope = soap('Envelope', [], [soap('Header', [], headers), soap('Body', [], [body])]);
  const replaced = new Map(verbatim);
  if (placed !== undefined && card !== undefined) replaced.set(placed, card);
  return printXml(envelope, {
    declare: [SOAP, ...(header === undefined ? [] : [MEDCOM]), WSSE, WSU, ...declare],
    verbatim: replaced,
  });
};

/** A SOAP message as it was read; the body is a fault or one element. */
export interface Envelope {
  /** As it was read: signed parts are taken out of it character by character. */
  readonly text: string;
  readonly document: XmlElement;
  /** Undefined when the reply has none, or none that can be read. */
  readonly header?: DgwsHeader;
  readonly security?: { readonly created: number; readonly card?: XmlElement };
  readonly hasHeader: { readonly medcom: boolean; readonly security: boolean };
  /** Every block of soapenv:Header. */
  readonly blocks: readonly XmlElement[];
  readonly body: XmlElement;
  /** When the body is a SOAP fault. */
  readonly fault?: SoapFault;
}

/** Why a text is no SOAP 1.1 message: no value of it is in here. */
export type EnvelopeFault = 'not-xml' | 'not-soap' | 'no-body';

/** Reads a SOAP 1.1 message, whatever its prefixes and the order of its headers. */
export const readEnvelope = (xml: string): Result<Envelope, EnvelopeFault> => {
  // Whoever reads a value and whoever checks its signature must see the same: no comments in between.
  const parsed = parseXml(xml.replace(/^\uFEFF/, '').trimStart(), { comments: 'refuse' });
  if (!parsed.ok) return fail('not-xml');
  const document = parsed.value;
  if (!isNamed(document, SOAP.uri, 'Envelope')) return fail('not-soap');
  const [body] = childrenNamed(document, SOAP.uri, 'Body').flatMap(elementsOf);
  if (body === undefined) return fail('no-body');
  const blocks = childrenNamed(document, SOAP.uri, 'Header').flatMap(elementsOf);
  const medcomBlock = blocks.find(HEADER.is);
  const securityBlock = blocks.find(SECURITY.is);
  const header = medcomBlock === undefined ? undefined : HEADER.read(medcomBlock);
  const security = securityBlock === undefined ? undefined : SECURITY.read(securityBlock);
  const fault = readFault(body);
  const { timestamp, card } = security?.ok === true ? security.value.value : {};
  return ok({
    text: xml,
    document,
    ...(header?.ok === true ? { header: header.value.value } : {}),
    ...(timestamp === undefined
      ? {}
      : { security: { created: timestamp.created, ...(card === undefined ? {} : { card }) } }),
    hasHeader: { medcom: medcomBlock !== undefined, security: securityBlock !== undefined },
    blocks,
    body,
    ...(fault === undefined ? {} : { fault }),
  });
};
