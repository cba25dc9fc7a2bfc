import { X509Certificate } from 'node:crypto';
import { deriveFromCertificate } from '../../../src/systems/certificates/derive.ts';
import { writeEnvelope } from '../../../src/systems/dgws/message-envelope.ts';
import { createFmkCards } from '../../../src/systems/fmk/client-cards.ts';
import { mergeListed, toBasic } from '../../../src/systems/fmk/mapping.ts';
import { FMK_MESSAGES, type FocesWhitelisting } from '../../../src/systems/fmk/message.ts';
import { FMK_DEFAULTS } from '../../../src/systems/fmk/settings.ts';
import { createFmk } from '../../../src/systems/fmk/system.ts';
import { decodeBase64 } from '../../../src/xml/base64.ts';
import { plain } from '../../systems/fmk/samples.ts';
import { canned, recordAnswer, timeTrips } from '../canned.ts';
import { timeWaits } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { loadReference } from '../references.ts';
import { type Line, microseconds, milliseconds, short } from '../report.ts';

/** Microseconds. */
const REQUEST = 200;
const CERTIFICATE = 1000;
const LIST = 25_000;
const ENTRIES = 1000;
const CVR = '12345674';

/** Its keys are made on use: nobody but this section should wait for them. */
const newWorld = async () => {
  const { fmkWorld, SYSTEM } = await import('../../systems/fmk/fmk-world.ts');
  return { ...(await fmkWorld()), place: { url: 'https://fmk.invalid/fmk12', system: SYSTEM } };
};
type World = Awaited<ReturnType<typeof newWorld>>;
type Answering = Parameters<typeof createFmk>[0]['fetch'];

const facing = (world: World, fetch: Answering) =>
  createFmk({
    settings: FMK_DEFAULTS,
    place: world.place,
    cards: createFmkCards({ level: FMK_DEFAULTS.cardLevel, users: world.users.sources, readAs: 'any' }),
    fetch,
    clock: world.time.clock,
    timer: world.time.timer,
  });
type Fmk = ReturnType<typeof facing>;

const whitelisting = plain();

/** What a create does, but for the store. */
const create = async (fmk: Fmk, world: World): Promise<void> => {
  const planned = fmk.plan({ interaction: 'create', resource: whitelisting });
  if (!planned.ok || planned.value.request === undefined) throw new Error('nothing is sent');
  const sent = await fmk.send(planned.value.request, world.context());
  if (!sent.ok) throw new Error(sent.failure.failure.issues[0]?.diagnostics);
};

const entry = (n: number): FocesWhitelisting => ({
  OrganisationIdentifier: { source: 'CVR', value: CVR },
  FocesId: `7b0c1a52-4f5e-4d0e-9a61-${n.toString(16).padStart(12, '0')}`,
  CertHash: n.toString(16).toUpperCase().padStart(40, '7E29D0EB038F'),
});

const entries = (from: number): readonly FocesWhitelisting[] =>
  Array.from({ length: ENTRIES }, (_, n) => entry(from + n));

const listText = (now: number): string => {
  const body = FMK_MESSAGES[FMK_DEFAULTS.version].GetResponse.write({ FocesWhitelisting: entries(0) });
  return writeEnvelope({ created: now, header: { linking: { messageId: 'answer' } }, body });
};

/** The list asked for, read and held against a store that has half of it, and as much that is gone. */
const merging = (fmk: Fmk, world: World) => {
  const stored = entries(ENTRIES / 2).map((one) => ({ basic: toBasic(one) }));
  return async (): Promise<unknown> => {
    const asked = await fmk.client.list(CVR, world.context());
    if (!asked.ok) throw new Error(asked.failure.issues[0]?.diagnostics);
    const merged = mergeListed(asked.value, stored);
    const counts = [merged.confirmed, merged.learnt, merged.gone].map(({ length }) => length);
    if (counts.some((count) => count !== ENTRIES / 2)) throw new Error(`merged: ${counts.join(', ')}`);
    return merged;
  };
};

/** FMK's whitelisting of system certificates. */
export const fmk = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const world = await newWorld();
  const now = world.time.clock();
  const created = await recordAnswer(world.simulator, (fetch) => create(facing(world, fetch), world));
  const service = canned(created);
  const writer = facing(world, service.fetch);
  const list = listText(now);
  const holder = await world.sts.holder(CVR, 'Eksempel Apotek', 'fhir-facade');
  const der = decodeBase64(holder.certificate) ?? new Uint8Array();
  const other = await loadReference<{ readonly parse: (text: string) => unknown }>('xml-parse.js');
  const { request, whole } = await timeTrips(() => create(writer, world), service, plan.functionTime);
  const [certificate = Number.NaN, openssl = Number.NaN, listed = Number.NaN, theirs = Number.NaN] =
    await timeWaits(plan, [
      () => {
        const derived = deriveFromCertificate(der, now);
        if (!derived.ok || derived.value.focesId === undefined) throw new Error('not the certificate');
        return derived.value;
      },
      () => {
        const { fingerprint, fingerprint256, subject } = new X509Certificate(der);
        return fingerprint + fingerprint256 + subject;
      },
      merging(facing(world, canned(list).fetch), world),
      ...(other === undefined ? [] : [() => other.parse(list)]),
    ]);
  return [
    {
      what: 'A whitelisting created at FMK with a cached card: mapped, body and envelope, on its way',
      measured: microseconds(request),
      target: `< ${REQUEST} µs`,
      met: request < REQUEST,
    },
    {
      what: '… until its answer is read, which comes at once',
      measured: microseconds(whole),
    },
    {
      what: `A certificate of ${der.length} bytes parsed and hashed (SHA-1 and SHA-256), without a promise`,
      measured: microseconds(certificate),
      reference: `OpenSSL by node:crypto ${microseconds(openssl)}`,
      ratio: short(certificate / openssl),
      target: `< ${CERTIFICATE / 1000} ms`,
      met: certificate < CERTIFICATE,
    },
    {
      what: `GetFocesWhitelistings of ${ENTRIES} entries (${Math.round(list.length / 1024)} KiB) read and merged with ${ENTRIES} stored`,
      measured: milliseconds(listed / 1000),
      ...(other === undefined
        ? {}
        : { reference: `@xmldom/xmldom parsing it ${milliseconds(theirs / 1000)}` }),
      ...(other === undefined ? {} : { ratio: `${short(theirs / listed)} × as fast` }),
      target: `< ${LIST / 1000} ms`,
      met: listed < LIST,
    },
  ];
};
