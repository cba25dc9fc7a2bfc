import { startFacade } from '../facade.ts';
import { underLoad } from '../load/load.ts';
import { besideReference, type Subject } from '../load/rounds.ts';
import type { BenchPlan } from '../plan.ts';
import { MISSING, startReference } from '../references.ts';
import { type Line, milliseconds, perSecond, short } from '../report.ts';

const CONNECTIONS = 64;
const TARGET = 1000;

/** Persons between one load and the next; more than a load can use up. */
const SPREAD = 200_000;

const creating = (origin: string, token: string): Subject => {
  let load = 0;
  return (connections, seconds) => {
    load += 1;
    return underLoad({
      kind: 'create',
      origin,
      path: '/fhir/Consent',
      token,
      from: load * SPREAD,
      connections,
      seconds,
    });
  };
};

const ROUTER = '@medplum/fhir-router';

/** Creates over HTTP: validation, claim, HelseID and PVK simulated in-process, commit; each of another person. */
export const creates = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const facade = await startFacade();
  const router = await startReference(ROUTER, 'fhir-router.js', { PORT: '18093' });
  try {
    const { ours, reference } = await besideReference(
      plan,
      CONNECTIONS,
      creating(facade.origin, facade.token),
      router === undefined ? undefined : creating(router.origin, facade.token),
    );
    return [
      {
        what: `Create of a Consent (validated, journalled, sent to the simulator, durable), ${CONNECTIONS} connections`,
        measured: `${perSecond(ours.rate)}, p99 ${milliseconds(ours.p99)}`,
        target: `≥ ${TARGET}/s`,
        met: ours.rate >= TARGET,
      },
      {
        what: `… beside ${ROUTER} with its MemoryRepository (in memory, unvalidated, no upstream)`,
        measured: perSecond(ours.rate),
        ...(reference === undefined
          ? { reference: MISSING }
          : {
              reference: perSecond(reference.rate),
              ratio: short(ours.rate / reference.rate),
            }),
      },
    ];
  } finally {
    await Promise.all([facade.stop(), router?.stop()]);
  }
};
