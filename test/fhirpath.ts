import { loadFhirPath } from '../src/fhir/fhirpath.ts';
import { loadXmlParser } from '../src/fhir/xml-parser.ts';

// The app loads them before it serves; tests of single rooms have no app.
await Promise.all([loadFhirPath(), loadXmlParser()]);
