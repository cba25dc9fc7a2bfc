import type { Basic } from '@medplum/fhirtypes';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import type { Connection } from '../../../src/systems/efrikort/model.ts';
import { CONTEXT, example, withExtension } from './fixture.ts';

export const BASE = 'https://nordic-fhir-facade.dev/fhir';

/** The worked example of a connection whose mail has gone. */
export const WORKED: Basic = {
  ...example('test'),
  id: 'efk-000001',
  identifier: [{ system: `${BASE}/NamingSystem/efrikort-connection`, value: 'EFK-000001' }],
  created: '2026-03-03',
  extension: [
    ...(example('test').extension ?? []),
    {
      url: `${BASE}/StructureDefinition/connection-state`,
      valueCoding: { system: `${BASE}/CodeSystem/efrikort-state`, code: 'requested' },
    },
    {
      url: `${BASE}/StructureDefinition/event`,
      extension: [
        { url: 'state', valueCoding: { system: `${BASE}/CodeSystem/efrikort-state`, code: 'requested' } },
        { url: 'time', valueInstant: '2026-03-03T07:00:00Z' },
        { url: 'message-id', valueString: '<EFK-000001.1@exempelsystem.example>' },
      ],
    },
  ],
};

export const connection = (basic: Basic): Connection => {
  const read = readConnection(basic, CONTEXT);
  if (read.connection === undefined) throw new Error(JSON.stringify(read.issues));
  return read.connection;
};

export const found = (basic: Basic): readonly string[] =>
  readConnection(basic, CONTEXT).issues.map(
    ({ severity, code, details, expression }) => `${severity} ${code} ${details?.code} ${expression?.join()}`,
  );

export const contact = (change: object): Basic => ({
  ...example('test'),
  contained: [
    {
      resourceType: 'Practitioner',
      id: 'contact',
      name: [{ text: 'Alva Exempel' }],
      telecom: [
        { system: 'email', value: 'alva.exempel@exempelsystem.example' },
        { system: 'phone', value: '+46 (0)70 123 12 31' },
      ],
      ...change,
    },
  ],
});

export const serial = (valueString: string): Basic =>
  withExtension(example('test'), 'certificate-serial-number', { valueString });
