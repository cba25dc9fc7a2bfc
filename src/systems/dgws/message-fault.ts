import { anything, message, sequence, simple } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText } from '../../xml/codec-text.ts';
import {
  descendants,
  EMPTY_SCOPE,
  elementsIn,
  elementsOf,
  isElement,
  isNamed,
  type XmlElement,
} from '../../xml/tree.ts';
import { MEDCOM, SOAP } from './message-names.ts';

/** A SOAP 1.1 fault as DGWS services and the STS send it. Its text is for eyes, never matched on. */
export interface SoapFault {
  /** Local part of faultcode: `Server`, `Client`, `FailedAuthentication` … */
  readonly faultCode: string;
  /** May hold a person's number: never logged, never told. */
  readonly text: string;
  readonly actor?: string;
  /** `medcom:FaultCode` of the detail. */
  readonly code?: string;
  /** Every child of the detail. */
  readonly detail: readonly XmlElement[];
}

const textIn = (element: XmlElement | undefined): string | undefined =>
  element?.children
    .filter((child) => !isElement(child))
    .join('')
    .trim();

/** Children of a SOAP 1.1 fault have no namespace; some servers give them SOAP's all the same. */
const child = (fault: XmlElement, local: string): XmlElement | undefined =>
  elementsOf(fault).find(
    (one) => one.local === local && (one.namespace === '' || one.namespace === SOAP.uri),
  );

/** The fault of a body; undefined when the body is none. */
export const readFault = (body: XmlElement): SoapFault | undefined => {
  if (!isNamed(body, SOAP.uri, 'Fault')) return undefined;
  const detail = child(body, 'detail');
  const codes =
    detail === undefined ? [] : descendants(detail, (one) => isNamed(one, MEDCOM.uri, 'FaultCode'));
  const actor = textIn(child(body, 'faultactor'));
  const code = textIn(codes[0]);
  return {
    faultCode: (textIn(child(body, 'faultcode')) ?? '').replace(/^.*:/, ''),
    text: textIn(child(body, 'faultstring')) ?? '',
    ...(actor === undefined || actor === '' ? {} : { actor }),
    ...(code === undefined || code === '' ? {} : { code }),
    detail: detail === undefined ? [] : elementsOf(detail),
  };
};

const bare = inside({ uri: '', prefix: '' });
const text = simple(anyText);

const FAULT = message(
  SOAP,
  'Fault',
  sequence({
    faultCode: bare.one('faultcode', text),
    text: bare.one('faultstring', text),
    actor: bare.optional('faultactor', text),
    detail: bare.optional('detail', anything),
  }),
);

export interface FaultParts {
  /** As written, prefix included: `Server`, `soap:Server`, `wst:FailedAuthentication`. */
  readonly faultCode: string;
  readonly text: string;
  readonly actor?: string;
  readonly code?: string;
  /** Further children of the detail. */
  readonly detail?: readonly XmlElement[];
}

/** A fault as a server writes it. */
export const writeFault = ({ code, detail = [], ...parts }: FaultParts): XmlElement => {
  const medcom = elementsIn(MEDCOM.uri, MEDCOM.prefix);
  const children = [...(code === undefined ? [] : [medcom('FaultCode', [], [code])]), ...detail];
  const holder: XmlElement = {
    prefix: '',
    local: 'detail',
    namespace: '',
    attributes: [],
    scope: EMPTY_SCOPE,
    children,
  };
  return FAULT.write({ ...parts, ...(children.length === 0 ? {} : { detail: holder }) });
};
