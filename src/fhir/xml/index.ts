import { createXmlReader } from './read.ts';
import { createXmlWriter } from './write.ts';

/** FHIR XML of R4's bundled types, both ways. */
export const { canWrite, toXml } = createXmlWriter();

export const fromXml = createXmlReader();
