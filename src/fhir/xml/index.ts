import type { Definitions, ValueSets } from '../definitions/types.ts';
import { createXmlReader } from './read.ts';
import { createXmlWriter } from './write.ts';

/** FHIR XML of the types defined, both ways. */
export const createXml = (definitions?: Definitions, valueSets?: ValueSets) => ({
  ...createXmlWriter(definitions),
  fromXml: createXmlReader(definitions, valueSets),
});

export type Xml = ReturnType<typeof createXml>;
