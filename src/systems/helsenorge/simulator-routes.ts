import type { PvkSimulatorSettings, Right } from './simulator-settings.ts';

export type RouteName = 'sett' | 'sett-v1' | 'status' | 'for-part' | 'active-for-definition';

export interface Route {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST';
  /** In lower case: paths are matched in any. The version is last in V2 and first in V1. */
  readonly path: string;
  readonly right: Right;
}

const V2 = '/personvern/personverninnstillinger';

const ROUTES: readonly Route[] = [
  { name: 'sett', method: 'POST', path: `${V2}/settinnbyggerspersonverninnstilling/v2`, right: 'write' },
  {
    name: 'sett-v1',
    method: 'POST',
    path: '/personvern/v1/personverninnstillinger/settinnbyggerspersonverninnstilling',
    right: 'write',
  },
  { name: 'status', method: 'POST', path: `${V2}/sjekkinnbyggerspistatus/v2`, right: 'read' },
  { name: 'for-part', method: 'POST', path: `${V2}/hentinnbyggerspiforpart/v2`, right: 'read' },
  {
    name: 'active-for-definition',
    method: 'GET',
    path: `${V2}/hentinnbyggereaktivepifordefinisjon/v2`,
    right: 'read',
  },
];

/** The service that a URL addresses, whatever its verb. */
export const routeOf = (url: string, { basePath }: PvkSimulatorSettings): Route | undefined => {
  const path = new URL(url).pathname.toLowerCase();
  const base = basePath.toLowerCase();
  return ROUTES.find((route) => path === base + route.path);
};
