import type { Clock, Fetch } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { hashOf } from '../../xml/algorithms.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import { type Certificate, parseCertificate } from '../../xml/certificate.ts';
import { isSignature, readSignature } from '../../xml/signature.ts';
import { descendants, type XmlElement } from '../../xml/tree.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import type { Faults } from '../simulation/faults.ts';
import type { SimulatorState } from '../simulation/state.ts';
import {
  type CardSigner,
  certificateHash,
  DGWS_ALGORITHMS,
  type DgwsAlgorithm,
  isHashOf,
  signCard,
  verifyCard,
} from './card-signature.ts';
import type { CardUser, IdCard } from './message-card.ts';
import { type Envelope, readEnvelope, writeEnvelope } from './message-envelope.ts';
import { writeFault } from './message-fault.ts';
import { WST } from './message-names.ts';
import {
  OTHER_REQUEST_TYPE,
  REQUEST_TYPE,
  TOKEN_REQUEST,
  TOKEN_TYPE,
  writeTokenResponse,
} from './message-sts.ts';
import { certificateOf, cvrOf, lastingKey, type MadeKey, systemSubject } from './simulator-certificate.ts';

/** The switches of the simulated STS, first value of the documented row first. */
export interface StsSimulatorSettings {
  readonly issuer: string;
  readonly algorithm: DgwsAlgorithm;
  /** Milliseconds. */
  readonly validity: number;
  readonly backdating: number;
  /** What the names of a user card become: the STS looks them up by the person's number. */
  readonly persons: Readonly<Record<string, Partial<CardUser>>>;
}

export const STS_SIMULATOR_DEFAULTS: StsSimulatorSettings = {
  issuer: 'SIM-STS',
  algorithm: 'rsa-sha1',
  validity: 24 * 3_600_000,
  backdating: 5 * 60_000,
  persons: {
    '2401010001': { givenName: 'Anne', surName: 'Testsen', authorizationCode: 'BCD12' },
    '2609782859': { givenName: 'Lars', surName: 'Prøve', authorizationCode: 'BCD13' },
  },
};

/** The STS's own fault kinds, besides the common ones. */
export const STS_FAULT_KINDS = [
  'failed-authentication',
  'invalid-request',
  'request-failed',
  'fault-200',
  'short-validity',
  'other-names',
  'reformatted-card',
] as const;

type StsFault = readonly [faultCode: string, text: string, actor?: string];

const FORCED: Readonly<Record<string, StsFault>> = {
  'failed-authentication': [
    'wst:FailedAuthentication',
    'Authentication failed: CVR-RID/CPR relation could not be verified',
    'dk:sosi:sts:cvrridcpr',
  ],
  'invalid-request': ['wst:InvalidRequest', 'The request was invalid or malformed'],
  'request-failed': ['wst:RequestFailed', 'The specified request failed', 'dk:sosi:sts:its'],
  'fault-200': ['wst:RequestFailed', 'The specified request failed', 'dk:sosi:sts:its'],
};

const DAY = 24 * 3_600_000;
const SHORT = 60_000;

/** Indented after it was signed, as a careless gateway does. */
const reformatted = (card: string): string => card.replaceAll('<saml:Attribute ', '\n  <saml:Attribute ');

export interface StsSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: StsSimulatorSettings;
  readonly faults: Faults;
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

export interface StsSimulator {
  readonly fetch: Fetch;
  /** What services trust. */
  certificate(): Promise<Certificate>;
  /** The same as base64 of its DER, for STS_TRUSTED. */
  certificateText(): Promise<string>;
  /** A level 4 card of a person, signed by the STS, as `POST /sandbox/idcard` hands it out. */
  userCard(person: Pick<CardUser, 'cpr' | 'role'>, cvr: string, organization: string): Promise<string>;
  /** The key and certificate of the system that the sandbox is, for STS_KEY and STS_CERTIFICATE. */
  holder(cvr: string, organization: string, name: string): Promise<MadeKey>;
}

const subjectText = ({ subject }: Certificate): string =>
  subject.map(({ type, value }) => `${NAMES[type] ?? type}=${value}`).join(',');

const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.10': 'O',
};

const importSigner = async (made: MadeKey, algorithm: DgwsAlgorithm): Promise<CardSigner> => {
  const bytes = decodeBase64(made.privateKey) ?? new Uint8Array();
  const how = { name: 'RSASSA-PKCS1-v1_5', hash: hashOf(algorithm) };
  const key = await crypto.subtle.importKey('pkcs8', bytes, how, false, ['sign']);
  return { key, certificate: certificateOf(made), algorithm };
};

/** The certificate that a self-signed card shows; the card is trusted with it alone. */
const shownCertificate = (assertion: XmlElement): Certificate | undefined => {
  const [signature] = descendants(assertion, isSignature);
  const claim = signature === undefined ? undefined : readSignature(signature);
  const [der] = claim?.ok === true ? claim.value.certificates : [];
  return der === undefined ? undefined : parseCertificate(der);
};

/** NSP's STS: checks a card that its holder signed, and issues one that the services accept. */
export const createStsSimulator = (options: StsSimulatorOptions): StsSimulator => {
  const { state, clock, settings } = options;
  const subject = systemSubject('33257872', 'Simulator', settings.issuer);
  let signer: CardSigner | undefined;

  const signerOf = async (): Promise<CardSigner> => {
    signer ??= await importSigner(await lastingKey(state, 'sts', subject), settings.algorithm);
    return signer;
  };

  const checkCard = async (
    envelope: Envelope,
    assertion: XmlElement,
  ): Promise<Result<readonly [IdCard, Certificate], StsFault>> => {
    const certificate = shownCertificate(assertion);
    if (certificate === undefined) return fail(['wst:InvalidRequest', 'The ID card shows no certificate']);
    const card = await verifyCard(envelope.document, assertion, {
      trusted: [certificate],
      algorithms: DGWS_ALGORITHMS,
      now: clock(),
    });
    if (!card.ok) return fail(['wst:FailedAuthentication', 'Unable to validate envelope signature']);
    const { certHash, system, notBefore, notOnOrAfter } = card.value;
    if (certHash === undefined || !(await isHashOf(certHash, certificate))) {
      return fail(['wst:InvalidRequest', 'OCESCertHash is not that of the certificate']);
    }
    if (cvrOf(certificate) !== system.careProviderId.value) {
      return fail([
        'wst:FailedAuthentication',
        'The certificate is of another CVR number',
        'dk:sosi:sts:cvrridcpr',
      ]);
    }
    return notOnOrAfter - notBefore > DAY
      ? fail(['wst:InvalidRequest', 'The ID card is valid for more than 24 hours'])
      : ok([card.value, certificate]);
  };

  const issue = async (
    card: Omit<IdCard, 'issuer' | 'issueInstant' | 'notBefore' | 'notOnOrAfter' | 'nameId' | 'certHash'>,
    certificate: Certificate,
    validity = settings.validity,
  ): Promise<string> => {
    const own = await signerOf();
    const start = Math.floor((clock() - settings.backdating) / 1000) * 1000;
    const issuerText = subjectText(own.certificate);
    const value = `SubjectDN={${subjectText(certificate)}},IssuerDN={${issuerText}},CertSerial={${certificate.serialNumber}}`;
    return signCard(
      {
        ...card,
        issuer: settings.issuer,
        issueInstant: start,
        nameId: { format: 'medcom:other', value },
        notBefore: start,
        notOnOrAfter:
          start + settings.backdating + validity - (validity === settings.validity ? settings.backdating : 0),
        certHash: await certificateHash(certificate, 'SHA-1'),
      },
      own,
    );
  };

  const enriched = (user: CardUser, fault: string | undefined): CardUser => ({
    ...user,
    ...(settings.persons[user.cpr ?? ''] ?? {}),
    ...(fault === 'other-names' ? { givenName: 'Andet', surName: 'Navn' } : {}),
  });

  const faultResponse = ([faultCode, text, actor]: StsFault, status: 200 | 500): Response => {
    const body = writeFault({ faultCode, text, ...(actor === undefined ? {} : { actor }) });
    return new Response(writeEnvelope({ created: clock(), body, declare: [WST] }), {
      status,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
    });
  };

  const exchange = async (request: Request, fault: string | undefined): Promise<Result<string, StsFault>> => {
    if (request.method !== 'POST') return fail(['wst:InvalidRequest', 'Only POST is allowed']);
    const read = readEnvelope(await request.text());
    if (!read.ok) return fail(['wst:InvalidRequest', 'The request is no SOAP envelope']);
    const envelope = read.value;
    if (envelope.security === undefined) return fail(['wst:InvalidRequest', 'There is no Timestamp']);
    const asked = TOKEN_REQUEST.read(envelope.body);
    if (!asked.ok) return fail(['wst:InvalidRequest', 'The request is malformed']);
    const { tokenType, requestType, claims } = asked.value.value;
    if (tokenType !== TOKEN_TYPE || ![REQUEST_TYPE, OTHER_REQUEST_TYPE].includes(requestType)) {
      return fail(['wst:InvalidRequest', 'Unknown TokenType or RequestType']);
    }
    const checked = await checkCard(envelope, claims.card);
    if (!checked.ok) return checked;
    const [card, certificate] = checked.value;
    const user = card.user === undefined ? {} : { user: enriched(card.user, fault) };
    return ok(
      await issue(
        { ...card, ...user },
        certificate,
        fault === 'short-validity' ? settings.backdating + SHORT : undefined,
      ),
    );
  };

  const answer = async (request: Request, fault: string | undefined): Promise<Response> => {
    if (/[?&](?:wsdl|xsd)\b/i.test(request.url)) {
      return new Response('<definitions/>', { status: 200, headers: { 'content-type': 'text/xml' } });
    }
    const forced = fault === undefined || !Object.hasOwn(FORCED, fault) ? undefined : FORCED[fault];
    if (forced !== undefined) return faultResponse(forced, fault === 'fault-200' ? 200 : 500);
    const issued = await exchange(request, fault);
    if (!issued.ok) return faultResponse(issued.failure, 500);
    const card = fault === 'reformatted-card' ? reformatted(issued.value) : issued.value;
    return new Response(writeTokenResponse(card, settings.issuer, clock()), {
      status: 200,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
    });
  };

  return {
    fetch: withCommonFaults(answer, { ...options.faultTiming, system: 'sts', faults: options.faults }),
    certificate: async () => (await signerOf()).certificate,
    certificateText: async () => (await lastingKey(state, 'sts', subject)).certificate,
    holder: (cvr, organization, name) =>
      lastingKey(state, `holder-${cvr}`, systemSubject(cvr, organization, name)),
    userCard: async (person, cvr, organization) => {
      const own = await signerOf();
      const user = enriched({ givenName: 'Test', surName: 'Person', ...person }, undefined);
      return issue(
        {
          id: crypto.randomUUID(),
          version: '1.0.1',
          type: 'user',
          level: 4,
          user,
          system: {
            name: 'fhir-facade',
            careProviderId: { format: 'medcom:cvrnumber', value: cvr },
            careProviderName: organization,
          },
        },
        own.certificate,
      );
    },
  };
};
