import type { Consent } from '@medplum/fhirtypes';
import type { NationalSystem } from '../system.ts';
import type { PvkClient } from './client.ts';

/** PVK as the facade sees every national system: plan, send, preview. */
export const createHelsenorge = (
  client: PvkClient,
  plan: NationalSystem<Consent>['plan'],
): NationalSystem<Consent> => ({
  name: 'helsenorge',
  plan,
  send: (request, context) => client.sett(request, context),
  preview: (request) => client.preview(request),
});
