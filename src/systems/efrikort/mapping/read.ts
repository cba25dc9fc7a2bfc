import type { Basic, Extension } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { hasErrors } from '../../findings.ts';
import {
  CARE_PROVIDER,
  CERTIFICATE,
  CONNECTION_IDENTIFIER,
  type ConnectionKind,
  EFRIKORT_ENVIRONMENT,
  EFRIKORT_STATE,
  ENVIRONMENT,
  ENVIRONMENTS,
  type Environment,
  EVENT,
  KIND,
  KINDS,
  SERIAL,
  STATE,
  SYSTEM,
} from '../codes.ts';
import { looksLikeField } from '../message.ts';
import type { CareProvider, Connection, ConnectionEvent } from '../model.ts';
import { isState, type State } from '../states.ts';
import { judgeSerial, readCertificateSerial } from './certificate.ts';
import { readContact } from './contact.ts';
import { createFindings, type Findings, judgeLine, type MappingContext } from './context.ts';
import { judgeElements } from './elements.ts';
import { readEvent } from './events.ts';
import { readRegion } from './region.ts';

interface Found {
  readonly extension: Extension | undefined;
  readonly path: string;
}

const fieldOf = (basic: Basic, url: string): Found => {
  const index = basic.extension?.findIndex((one) => one.url === url) ?? -1;
  return {
    extension: basic.extension?.[index],
    path: index < 0 ? 'Basic.extension' : `Basic.extension[${index}]`,
  };
};

const readKind = (basic: Basic, { add }: Findings): ConnectionKind | undefined => {
  const { extension, path } = fieldOf(basic, KIND);
  if (extension === undefined) return 'first';
  const kind = KINDS.find((known) => known === extension.valueCode);
  if (kind === undefined) add('kind-unknown', path, `The kind must be one of: ${KINDS.join(', ')}.`);
  return kind;
};

const readEnvironment = (basic: Basic, { add }: Findings): Environment | undefined => {
  const { extension, path } = fieldOf(basic, ENVIRONMENT);
  const coding = extension?.valueCoding;
  if (coding?.code === undefined) {
    add('environment-missing', path, `Name the environment, one of: ${ENVIRONMENTS.join(', ')}.`);
    return undefined;
  }
  const known = ENVIRONMENTS.find((code) => code === coding.code && coding.system === EFRIKORT_ENVIRONMENT);
  if (known === undefined) {
    add(
      'environment-unknown',
      path,
      `The environment must be ${ENVIRONMENTS.join(' or ')} of ${EFRIKORT_ENVIRONMENT}.`,
    );
  }
  return known;
};

const readSystem = (basic: Basic, findings: Findings): string | undefined => {
  const { extension, path } = fieldOf(basic, SYSTEM);
  const name = extension?.valueString?.trim() ?? '';
  if (name === '') {
    findings.add('system-missing', path, 'Name the integrating system, as the region knows it.');
    return undefined;
  }
  return judgeLine(extension?.valueString ?? '', path, findings) ? name : undefined;
};

const readSerial = (basic: Basic, context: MappingContext, findings: Findings): string | undefined => {
  const given = fieldOf(basic, SERIAL);
  const certificate = fieldOf(basic, CERTIFICATE);
  const stated = given.extension?.valueString?.trim();
  const derived =
    certificate.extension === undefined
      ? undefined
      : readCertificateSerial(certificate.extension.valueAttachment, certificate.path, context, findings);
  if (stated !== undefined && derived !== undefined && stated !== derived) {
    findings.add(
      'certificate-contradicts',
      given.path,
      'The serial number is not that of the certificate given.',
    );
    return undefined;
  }
  const serial = stated === undefined || stated === '' ? derived : stated;
  if (serial === undefined) {
    if (certificate.extension === undefined) {
      findings.add('serial-missing', given.path, 'Give the SERIALNUMBER of the subject of the certificate.');
    }
    return undefined;
  }
  return judgeSerial(given.extension?.valueString ?? serial, given.path, findings) ? serial : undefined;
};

const readCareProviders = (basic: Basic, findings: Findings): readonly CareProvider[] => {
  const providers: CareProvider[] = [];
  for (const [index, { url, valueString, valueReference }] of (basic.extension ?? []).entries()) {
    if (url !== CARE_PROVIDER) continue;
    const path = `Basic.extension[${index}]`;
    const name = (valueString ?? valueReference?.display ?? '').trim();
    if (name === '') {
      findings.add(
        'care-provider-unnamed',
        path,
        'The region reads names: give the name, as string or as display of the reference.',
      );
    } else if (looksLikeField(name)) {
      findings.add(
        'label-forged',
        path,
        'The name would read like a field of the mail: TEST could be taken for PRODUKTION.',
      );
    } else if (judgeLine(name, path, findings)) {
      providers.push(valueReference === undefined ? { name } : { name, reference: valueReference });
    }
  }
  return providers;
};

const readState = (basic: Basic, { add }: Findings): State | undefined => {
  const { extension, path } = fieldOf(basic, STATE);
  const { system, code } = extension?.valueCoding ?? {};
  if (extension === undefined) return 'draft';
  if (system === EFRIKORT_STATE && isState(code)) return code;
  add('field-malformed', path, `The state must be a code of ${EFRIKORT_STATE}.`);
  return undefined;
};

const readEvents = (basic: Basic, { add }: Findings): readonly ConnectionEvent[] => {
  const events: ConnectionEvent[] = [];
  for (const [index, extension] of (basic.extension ?? []).entries()) {
    if (extension.url !== EVENT) continue;
    const event = readEvent(extension);
    if (event === undefined)
      add('field-malformed', `Basic.extension[${index}]`, 'An event needs a state and a time.');
    else events.push(event);
  }
  return events;
};

export interface ReadConnection {
  /** Undefined when there is an error among the issues. */
  readonly connection: Connection | undefined;
  readonly issues: readonly Issue[];
}

/** The connection that a Basic tells of, with every fault at once. */
export const readConnection = (basic: Basic, context: MappingContext): ReadConnection => {
  const findings = createFindings();
  judgeElements(basic, findings);
  const reference = basic.identifier?.find(({ system }) => system === CONNECTION_IDENTIFIER)?.value;
  const kind = readKind(basic, findings);
  const environment = readEnvironment(basic, findings);
  const system = readSystem(basic, findings);
  const state = readState(basic, findings);
  // Personal data may be taken out afterwards, without losing the history of the states.
  const mayLack = state !== undefined && state !== 'draft' && basic.author === undefined;
  const contact = mayLack ? undefined : readContact(basic, findings);
  const region = readRegion(basic, findings);
  const serial = readSerial(basic, context, findings);
  const careProviders = readCareProviders(basic, findings);
  const events = readEvents(basic, findings);
  const { issues } = findings;
  if (
    hasErrors(issues) ||
    kind === undefined ||
    environment === undefined ||
    system === undefined ||
    region === undefined ||
    serial === undefined ||
    state === undefined
  ) {
    return { connection: undefined, issues };
  }
  return {
    connection: {
      ...(reference === undefined ? {} : { reference }),
      kind,
      environment,
      system,
      ...(contact === undefined ? {} : { contact }),
      region,
      serial,
      careProviders,
      state,
      events,
    },
    issues,
  };
};
