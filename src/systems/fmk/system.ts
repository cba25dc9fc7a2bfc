import type { Basic } from '@medplum/fhirtypes';
import type { Failure } from '../../failure.ts';
import type { Result } from '../../result.ts';
import type { NationalSystem, Plan, SystemWrite } from '../system.ts';
import { createFmkClient, type FmkClient, type FmkClientOptions } from './client.ts';
import { createFmkPlan, type FmkGiven } from './mapping.ts';

export { type CallersCard, createFmkCards, readCallersCard } from './client-cards.ts';
export { withCard } from './request.ts';

export { checkUserCards, createUserCards } from './user-cards.ts';

/** FMK as the facade sees every national system, and what more it offers. */
export interface FmkSystem extends NationalSystem<Basic> {
  /** `given`: X-Provenance, which names the creator where the Basic does not, and whoever deletes; the directory. */
  plan(write: SystemWrite<Basic>, given?: FmkGiven): Result<Plan<Basic>, Failure>;
  readonly client: FmkClient;
}

/** FMK, connected. `clock` tells certificates' validity and the date of creation. */
export const createFmk = (options: FmkClientOptions): FmkSystem => {
  const client = createFmkClient(options);
  return {
    name: 'fmk',
    plan: createFmkPlan({ settings: options.settings, now: options.clock }),
    send: (request, context) => client.send(request, context),
    preview: (request) => client.preview(request),
    client,
  };
};
