import type { Basic, Extension, Resource } from '@medplum/fhirtypes';
import {
  CARE_PROVIDER,
  CONNECTION_IDENTIFIER,
  EFRIKORT_ENVIRONMENT,
  EFRIKORT_STATE,
  ENVIRONMENT,
  EVENT,
  KIND,
  SERIAL,
  STATE,
  SYSTEM,
} from '../codes.ts';
import type { CareProvider, Connection } from '../model.ts';
import { writeEvent } from './events.ts';

const careProvider = ({ name, reference }: CareProvider): Extension => ({
  url: CARE_PROVIDER,
  ...(reference === undefined ? { valueString: name } : { valueReference: reference }),
});

const extensionsOf = (connection: Connection): Extension[] => [
  { url: KIND, valueCode: connection.kind },
  { url: ENVIRONMENT, valueCoding: { system: EFRIKORT_ENVIRONMENT, code: connection.environment } },
  { url: SYSTEM, valueString: connection.system },
  { url: SERIAL, valueString: connection.serial },
  ...connection.careProviders.map(careProvider),
  { url: STATE, valueCoding: { system: EFRIKORT_STATE, code: connection.state } },
  ...connection.events.map(writeEvent),
];

const isContact = (basic: Basic, resource: Resource): boolean =>
  basic.author?.reference === `#${resource.id}`;

/** The Basic without its contact person, where the connection has none any more. */
const withoutContact = (basic: Basic): Basic => {
  const { author: _author, contained, ...rest } = basic;
  const kept = contained?.filter((resource) => !isContact(basic, resource)) ?? [];
  return kept.length === 0 ? rest : { ...rest, contained: kept };
};

/**
 * The Basic in the form that is stored: what the connection says, in a fixed order; what only the resource has
 * (text, language, other identifiers, contained resources) from `basic`. A certificate is not kept.
 */
export const writeConnection = (basic: Basic, connection: Connection): Basic => {
  const base = connection.contact === undefined ? withoutContact(basic) : basic;
  const { extension: _given, identifier = [], ...rest } = base;
  const others = identifier.filter(({ system }) => system !== CONNECTION_IDENTIFIER);
  const own =
    connection.reference === undefined
      ? []
      : [{ system: CONNECTION_IDENTIFIER, value: connection.reference }];
  const identifiers = [...own, ...others];
  return {
    ...rest,
    extension: extensionsOf(connection),
    ...(identifiers.length === 0 ? {} : { identifier: identifiers }),
  };
};

/** The Basic with another state or further events alone; everything else as it was stored. */
export const withProgress = (basic: Basic, connection: Pick<Connection, 'state' | 'events'>): Basic => {
  const kept = basic.extension?.filter(({ url }) => url !== STATE && url !== EVENT) ?? [];
  return {
    ...basic,
    extension: [
      ...kept,
      { url: STATE, valueCoding: { system: EFRIKORT_STATE, code: connection.state } },
      ...connection.events.map(writeEvent),
    ],
  };
};
