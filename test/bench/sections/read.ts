import { type CallHeaders, organizationHeaders, readHeaders } from '../calls.ts';
import { bodyOf, type Facade, startFacade } from '../facade.ts';
import { latencyUnderLoad, underLoad } from '../load/load.ts';
import type { Measured } from '../load/measured.ts';
import { besideReference, type Medians, type Subject } from '../load/rounds.ts';
import type { BenchPlan } from '../plan.ts';
import { here, type ServerProcess, startServer } from '../processes.ts';
import { MISSING, startReference } from '../references.ts';
import { type Line, milliseconds, perSecond, short, times } from '../report.ts';

/** One kind of read, and what it is promised to reach. */
interface ReadCase {
  readonly what: string;
  readonly path: string;
  readonly headers: CallHeaders;
  /** Share of a bare route's rate. */
  readonly share: number;
  /** Milliseconds at the 99th percentile. */
  readonly p99?: number;
}

const casesOf = (facade: Facade): readonly ReadCase[] => [
  {
    what: 'Audited read of a Consent (token, 2.2.2, store, ETag, durable audit)',
    path: facade.consent.path,
    headers: readHeaders(facade.token, facade.consent.patient),
    share: 0.3,
    p99: 25,
  },
  {
    what: 'Read of an Organization (2.1, store, ETag)',
    path: facade.organization.path,
    headers: organizationHeaders(),
    share: 0.45,
  },
];

type Loaded = (load: Parameters<typeof latencyUnderLoad>[0]) => Promise<Measured>;

const reading =
  (origin: string, one: ReadCase, path = one.path, loaded: Loaded = underLoad): Subject =>
  (connections, seconds) =>
    loaded({ kind: 'read', origin, path, headers: one.headers, connections, seconds });

const PEER = '@asymmetrik/node-fhir-server-core';

/** The peer as its documentation has it, and, kinder to it, without making an instance for each answer. */
const PEERS = [
  { as: 'class', what: 'answering its resource class, as it documents', target: 2 },
  { as: 'object', what: 'answering a constant object', target: undefined },
] as const;

const shareLine = (one: ReadCase, connections: number, ours: Medians, bare: Medians): Line => ({
  what: `${one.what}, ${connections} connections`,
  measured: perSecond(ours.rate),
  reference: `bare Hono route ${perSecond(bare.rate)}`,
  ratio: short(ours.rate / bare.rate),
  target: `≥ ${one.share}`,
  met: ours.rate / bare.rate >= one.share,
});

const latencyLines = async (
  plan: BenchPlan,
  facade: Facade,
  one: ReadCase,
  bare: ServerProcess,
): Promise<readonly Line[]> => {
  const { p99 } = one;
  if (p99 === undefined) return [];
  const lines: Line[] = [];
  for (const connections of plan.connections) {
    const { ours, reference } = await besideReference(
      { ...plan, rounds: 1 },
      connections,
      reading(facade.origin, one, one.path, latencyUnderLoad),
      reading(bare.origin, one, one.path, latencyUnderLoad),
    );
    lines.push({
      what: `… its 99th percentile, ${connections} connections`,
      measured: milliseconds(ours.p99),
      reference: `bare Hono route ${milliseconds(reference?.p99 ?? Number.NaN)}`,
      target: `< ${p99} ms`,
      met: ours.p99 < p99,
    });
  }
  return lines;
};

const peerLine = (
  what: string,
  connections: number,
  ours: Medians,
  peer: Medians | undefined,
  target: number | undefined,
): Line => ({
  what: `… beside ${PEER} ${what}, ${connections} connections`,
  measured: perSecond(ours.rate),
  ...(peer === undefined
    ? { reference: MISSING }
    : {
        reference: perSecond(peer.rate),
        ratio: times(ours.rate / peer.rate),
        ...(target === undefined ? {} : { target: `≥ ${target} ×`, met: ours.rate / peer.rate >= target }),
      }),
});

/** The peer at one number of connections: it is a look sideways, not the measure. */
const besidePeers = async (
  plan: BenchPlan,
  facade: Facade,
  one: ReadCase,
  body: string,
): Promise<readonly Line[]> => {
  const [connections = 32] = plan.connections;
  const path = one.path.replace('/fhir/', '/4_0_1/');
  const lines: Line[] = [];
  for (const { as, what, target } of plan.kinderPeers ? PEERS : PEERS.slice(0, 1)) {
    const peer = await startReference(PEER, 'fhir-server-core.js', { PORT: '18091', BODY: body, AS: as });
    try {
      const { ours, reference } = await besideReference(
        { ...plan, seconds: 1, warmUp: 1 },
        connections,
        reading(facade.origin, one),
        peer === undefined ? undefined : reading(peer.origin, one, path),
      );
      lines.push(peerLine(what, connections, ours, reference, target));
    } finally {
      await peer?.stop();
    }
  }
  return lines;
};

const besideBare = async (
  plan: BenchPlan,
  facade: Facade,
  one: ReadCase,
  body: string,
): Promise<readonly Line[]> => {
  const bare = await startServer(here('servers/bare-hono.ts'), { BODY: body });
  const lines: Line[] = [];
  try {
    for (const connections of plan.connections) {
      const { ours, reference } = await besideReference(
        plan,
        connections,
        reading(facade.origin, one),
        reading(bare.origin, one),
      );
      if (reference === undefined) continue;
      lines.push(shareLine(one, connections, ours, reference));
    }
    lines.push(...(await latencyLines(plan, facade, one, bare)));
  } finally {
    await bare.stop();
  }
  return lines;
};

/** Reads over HTTP, with the server and what it is held against each in a process of its own. */
export const reads = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const facade = await startFacade();
  try {
    const lines: Line[] = [];
    for (const one of casesOf(facade)) {
      const body = await bodyOf(facade, one.path, one.headers);
      lines.push(...(await besideBare(plan, facade, one, body)));
      lines.push(...(await besidePeers(plan, facade, one, body)));
    }
    return lines;
  } finally {
    await facade.stop();
  }
};
