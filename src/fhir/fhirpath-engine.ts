/** What is used of it, by name: the rest of the package then stays out of a bundle. */
export { evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core';
