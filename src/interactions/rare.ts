/** Interactions that most servers seldom see: one module, loaded by the first that comes. */
export { applyFhirPathPatch } from '../fhir/patch/fhirpath-patch.ts';
export { applyJsonPatch } from '../fhir/patch/json-patch.ts';
export { readAuditEvent, searchAuditEvents } from './audit-event.ts';
export { history, historyOfServer, historyOfType } from './history.ts';
export { validate } from './validate.ts';
