import * as saxes from 'saxes';
import { useFhirPath } from '../src/fhir/fhirpath.ts';
import * as engine from '../src/fhir/fhirpath-engine.ts';
import { useXmlParser } from '../src/fhir/xml-parser.ts';

// The app loads them before it serves; tests of single rooms have no app.
useFhirPath(engine);
useXmlParser(saxes);
