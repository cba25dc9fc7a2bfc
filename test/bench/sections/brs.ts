import { readAnswer } from '../../../src/systems/brs/message-answer.ts';
import { createBrs } from '../../../src/systems/brs/system.ts';
import { interpretReply, isReplyTo } from '../../../src/systems/dgws/client-outcome.ts';
import { basic, FIELDS } from '../../systems/brs/samples.ts';
import { canned, recordAnswer, signaturesOf, timeTrips } from '../canned.ts';
import { timeWaits } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { loadReference } from '../references.ts';
import { type Line, microseconds, milliseconds, short } from '../report.ts';

/** Microseconds. */
const REQUEST = 200;
const RESPONSE = 150;
const BURST = 200;
const SOURCES = 5;

const question = basic({ followup: { ...FIELDS.followup, valueBoolean: false } });

/** Its keys are made on import: nobody but this section should wait for them. */
const newWorld = async () => (await import('../../systems/dgws/danish-world.ts')).danishWorld();
type World = Awaited<ReturnType<typeof newWorld>>;
type Brs = World['brs'];

/** What a create does, but for the store. */
const ask = async (brs: Brs, world: World): Promise<void> => {
  const planned = brs.plan({ interaction: 'create', resource: question });
  if (!planned.ok) throw new Error(planned.failure.issues[0]?.diagnostics);
  const { request, resource } = planned.value;
  if (request === undefined || resource === undefined) throw new Error('a question is sent');
  const sent = await brs.send(request, { ...world.context(), repeat: false });
  if (!sent.ok) throw new Error(sent.failure.failure.issues[0]?.diagnostics);
  brs.complete(resource, request, sent.value, world.clock());
};

const reading = (text: string, now: number) => (): unknown => {
  const headers = new Headers({ 'content-type': 'text/xml; charset=utf-8' });
  const outcome = interpretReply({ kind: 'answer', status: 200, headers, text }, now);
  if (outcome.kind !== 'reply' || !isReplyTo(outcome.envelope, 'any')) throw new Error('no reply');
  const read = readAnswer(outcome.envelope.body);
  if (!read.ok || read.value.value.bySource?.length !== SOURCES) throw new Error('not the answer');
  return read.value.value;
};

const burst = async (): Promise<Line> => {
  const world = await newWorld();
  const began = performance.now();
  await Promise.all(Array.from({ length: BURST }, () => ask(world.brs, world)));
  const took = performance.now() - began;
  const calls = world.callsTo('sts');
  if (world.callsTo('brs') !== BURST) throw new Error('a question has not been asked');
  return {
    what: `${BURST} concurrent questions to BRS without a card: calls to the STS`,
    measured: `${calls}; all answered after ${milliseconds(took)}, simulators included`,
    target: '1',
    met: calls === 1,
  };
};

/** Questions to the Danish treatment relation service. */
export const brs = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const world = await newWorld();
  const text = await recordAnswer(world.brsSimulator.fetch, (fetch) => {
    const recorded = createBrs({ settings: world.brsSettings, fetch, clock: world.clock, cards: world.sts });
    return ask(recorded, world);
  });
  const service = canned(text);
  const answered = createBrs({
    settings: world.brsSettings,
    fetch: service.fetch,
    clock: world.clock,
    cards: world.sts,
  });
  const complete = () => ask(answered, world);
  const other = await loadReference<{ readonly parse: (text: string) => unknown }>('xml-parse.js');
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    false,
    ['sign', 'verify'],
  );
  const octets = new Uint8Array(500);
  const { request, whole } = await timeTrips(complete, service, plan.functionTime);
  const [signature = Number.NaN, response = Number.NaN, theirs = Number.NaN] = await timeWaits(plan, [
    () => crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, octets),
    reading(text, world.clock()),
    ...(other === undefined ? [] : [() => other.parse(text)]),
  ]);
  const signatures = await signaturesOf(async () => {
    for (let n = 0; n < 100; n += 1) await complete();
  });
  return [
    {
      what: 'A question to BRS with a cached card: mapped, written, in its envelope, on its way',
      measured: `${microseconds(request)}, ${signatures} RSA operations`,
      reference: `an RSA-2048 signature ${microseconds(signature)}`,
      ratio: short(request / signature),
      target: `< ${REQUEST} µs, 0`,
      met: request < REQUEST && signatures === 0,
    },
    {
      what: '… until its answer is mapped back, which comes at once',
      measured: microseconds(whole),
    },
    {
      what: `Reading BRS's answer with ${SOURCES} sources, envelope included`,
      measured: microseconds(response),
      ...(other === undefined ? {} : { reference: `@xmldom/xmldom parsing it ${microseconds(theirs)}` }),
      ...(other === undefined ? {} : { ratio: `${short(theirs / response)} × as fast` }),
      target: `< ${RESPONSE} µs`,
      met: response < RESPONSE,
    },
    await burst(),
  ];
};
