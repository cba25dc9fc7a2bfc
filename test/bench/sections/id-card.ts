import {
  type CardSigner,
  certificateHash,
  signCard,
  verifyCard,
} from '../../../src/systems/dgws/card-signature.ts';
import { selfSignedCard } from '../../../src/systems/dgws/client-sts.ts';
import { writeCard } from '../../../src/systems/dgws/message-card.ts';
import { openSigner, STS_DEFAULTS, type StsSettings } from '../../../src/systems/dgws/settings.ts';
import { makeKey, systemSubject } from '../../../src/systems/dgws/simulator-certificate.ts';
import { XMLDSIG } from '../../../src/xml/algorithms.ts';
import { canonicalize } from '../../../src/xml/canonical.ts';
import { parseXml } from '../../../src/xml/parse.ts';
import { printXml } from '../../../src/xml/print.ts';
import { descendants, isNamed, type XmlElement } from '../../../src/xml/tree.ts';
import { timeWaits } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { loadReference, MISSING } from '../references.ts';
import { type Line, microseconds, short, times } from '../report.ts';

type Signing = (xml: string) => string | Promise<string>;

/** What `references/xml-signature.js` exports. */
interface Libraries {
  readonly withXmldsigjs: (key: CardSigner['key']) => Signing;
  readonly withXmlCrypto: (pem: string) => Signing;
}

const now = Date.parse('2026-03-03T07:00:00Z');

/** Times the time of the signature alone. */
const TARGET = 1.6;
/** Times as fast. The signature alone is a third of what xml-crypto takes: to be 3 × as fast nobody could be. */
const TARGET_LIBRARIES = { xmldsigjs: 3, 'xml-crypto': 2 } as const;
type Library = keyof typeof TARGET_LIBRARIES;

const makeSettings = async (): Promise<StsSettings> => {
  const holder = await makeKey(systemSubject('12345674', 'Eksempel Apotek', 'fhir-facade'));
  return {
    ...STS_DEFAULTS,
    url: 'https://sts.invalid/sts',
    key: holder.privateKey,
    certificate: holder.certificate,
    trusted: holder.certificate,
    cvr: '12345674',
    careProviderName: 'Eksempel Apotek',
  };
};

const parsed = (xml: string): XmlElement => {
  const read = parseXml(xml);
  if (!read.ok) throw new Error(`a signed card is no XML: ${read.failure.kind}`);
  return read.value;
};

/** Everybody signs the same card in the same form, or the comparison says nothing. */
const mustHold = async (xml: string, { certificate }: CardSigner): Promise<void> => {
  const document = parsed(xml);
  const trust = { trusted: [certificate], algorithms: ['rsa-sha256'], now } as const;
  const card = await verifyCard(document, document, trust);
  if (!card.ok) throw new Error(`a signed card does not hold: ${JSON.stringify(card.failure)}`);
};

const signedInfoOf = (xml: string): Uint8Array<ArrayBuffer> => {
  const [signedInfo] = descendants(parsed(xml), (one) => isNamed(one, XMLDSIG, 'SignedInfo'));
  if (signedInfo === undefined) throw new Error('a signed card has no SignedInfo');
  return new TextEncoder().encode(canonicalize(signedInfo));
};

const pemOf = (key: string): string => `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`;

const libraryLine = (name: Library, ours: number, raw: number, theirs: number): Line => ({
  what: `… beside ${name}, which gets the card as text`,
  measured: microseconds(ours),
  reference: `${microseconds(theirs)}; beside the signature ${short((theirs - raw) / (ours - raw))} × as long`,
  ratio: `${short(theirs / ours)} × as fast`,
  target: `≥ ${TARGET_LIBRARIES[name]} ×`,
  met: theirs / ours >= TARGET_LIBRARIES[name],
});

/** The ID card that is exchanged at the STS, made and signed, beside the bare signature and two libraries. */
export const idCard = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const settings = await makeSettings();
  const opened = await openSigner(settings);
  if (!opened.ok) throw new Error(opened.failure);
  const signer = opened.value;
  const certHash = await certificateHash(signer.certificate, 'SHA-256');
  const card = () => selfSignedCard(settings, undefined, { now, id: crypto.randomUUID(), certHash });
  const own = () => signCard(card(), signer);
  const signedInfo = signedInfoOf(await own());
  const text = printXml(writeCard(card()));

  const libraries = await loadReference<Libraries>('xml-signature.js');
  const signings: readonly (readonly [Library, Signing])[] =
    libraries === undefined
      ? []
      : [
          ['xmldsigjs', libraries.withXmldsigjs(signer.key)],
          ['xml-crypto', libraries.withXmlCrypto(pemOf(settings.key))],
        ];
  await mustHold(await own(), signer);
  for (const [, sign] of signings) await mustHold(await sign(text), signer);

  const [raw = Number.NaN, ours = Number.NaN, ...theirs] = await timeWaits(plan, [
    () => crypto.subtle.sign('RSASSA-PKCS1-v1_5', signer.key, signedInfo),
    own,
    ...signings.map(
      ([, sign]) =>
        () =>
          sign(text),
    ),
  ]);
  return [
    {
      what: 'Emitting and signing one self-signed ID card',
      measured: microseconds(ours),
      reference: `WebCrypto RSA-2048 signature of its SignedInfo ${microseconds(raw)}`,
      ratio: times(ours / raw),
      target: `≤ ${TARGET} ×`,
      met: ours / raw <= TARGET,
    },
    ...signings.map(([name], at) => libraryLine(name, ours, raw, theirs[at] ?? Number.NaN)),
    ...(libraries === undefined
      ? [{ what: '… beside xmldsigjs and xml-crypto', measured: microseconds(ours), reference: MISSING }]
      : []),
  ];
};
