import type { Resource } from '@medplum/fhirtypes';
import type { TokenRow } from '../store/types.ts';
import type { Server } from './server.ts';

const fits = (row: TokenRow, wanted: string): boolean => {
  const bar = wanted.indexOf('|');
  const system = bar < 0 ? undefined : wanted.slice(0, bar);
  const code = bar < 0 ? wanted : wanted.slice(bar + 1);
  return (system === undefined || (row.system ?? '') === system) && (code === '' || row.code === code);
};

/**
 * Does a resource that is not stored yet match the parameters of a narrowed scope? Only plain token parameters
 * can be told without the store; with any other it does not: a scope must never reach further than it says.
 */
export const matchesUnstored = (
  server: Server,
  resource: Resource,
  query: Readonly<Record<string, string>>,
): boolean => {
  const { token } = server.indexOf(resource);
  return Object.entries(query).every(([name, value]) =>
    value.split(',').some((one) => token.some((row) => row.param === name && fits(row, one))),
  );
};
