/** What tells about the server and what it knows by heart: one module, loaded by the first that asks. */
export { docsPage } from '../pages/docs.ts';
export { pageHeaders } from '../pages/page.ts';
export { startLinks, startPage } from '../pages/start.ts';
export { readArtefact, searchArtefacts, shownOf } from './conformance-answers.ts';
export { capabilityStatement } from './metadata.ts';
export { openApi } from './openapi.ts';
export { operationsOf } from './operation-rows.ts';
export { answerTerminology } from './terminology-answers.ts';
