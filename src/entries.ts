import type { Connections } from './connect/connections.ts';
import type { Ground } from './ground.ts';
import { basicEntry } from './resources/basic.ts';
import { consentEntry } from './resources/consent.ts';
import type { ResourceEntry } from './resources/entry.ts';
import { extraEntry, patientStore } from './resources/extra.ts';
import { ORGANIZATION } from './resources/organization.ts';
import { AUDIT_EVENT, PATIENT, PROVENANCE } from './resources/server-made.ts';
import { withUpdateCreate } from './resources/update-create.ts';
import { isPersonSystem, normalisePersonNumber } from './systems/identifiers.ts';

/** What is served of each type, the systems that are connected behind it. */
export const entriesOf = (ground: Ground, { helsenorge, kinds }: Connections): readonly ResourceEntry[] => {
  const { config, extraTypes, parametersOf } = ground;
  const codesOf = (type: string): readonly string[] => parametersOf(type).map(({ code }) => code);
  const own = [
    consentEntry(helsenorge?.kind),
    basicEntry(kinds),
    ORGANIZATION,
    extraTypes.includes('Patient')
      ? patientStore(codesOf('Patient'), isPersonSystem, normalisePersonNumber)
      : PATIENT,
    PROVENANCE,
    AUDIT_EVENT,
  ];
  const extra = extraTypes.filter((name) => !own.some(({ type }) => type === name));
  const all = [...own, ...extra.map((type) => extraEntry(type, codesOf(type)))];
  return config.updateCreate ? all.map(withUpdateCreate) : all;
};
