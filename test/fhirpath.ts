import { loadFhirPath } from '../src/fhir/fhirpath.ts';

// The app loads it before it serves; tests of single rooms have no app.
await loadFhirPath();
