import type { Consent } from '@medplum/fhirtypes';
import { createXml } from '../../../src/fhir/xml/index.ts';
import { writeMail } from '../../../src/mail/message.ts';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { composeMail } from '../../../src/systems/efrikort/message.ts';
import { CONTEXT, example, SETTINGS } from '../../systems/efrikort/fixture.ts';
import { consentOf, persons } from '../calls.ts';
import { timeWaits } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { loadReference } from '../references.ts';
import { type Line, microseconds, short } from '../report.ts';

/** Microseconds. */
const MAIL = 200;
const XML = 100;

interface Compared {
  readonly what: string;
  readonly work: () => unknown;
  readonly reference?: { readonly name: string; readonly work: () => unknown };
  /** Microseconds. */
  readonly target: number;
}

const ADDRESSES = ['ehalsa@region.example'];

/** What nodemailer knows of a mail; the rest of its options is not used. */
interface MailOptions {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly date: Date;
  readonly text: string;
}

const mail = async (): Promise<Compared> => {
  const { connection } = readConnection(example('test'), CONTEXT);
  if (connection === undefined) throw new Error('the example is no connection');
  const now = CONTEXT.now;
  const compose = () => composeMail(connection, ADDRESSES, SETTINGS, now);
  const other = await loadReference<{ readonly writeMail: (mail: MailOptions) => Promise<unknown> }>(
    'mail.js',
  );
  const { from, cc = [], to, subject, messageId, text } = compose();
  const options = {
    from: `${from.name} <${from.address}>`,
    to: to.map(({ address }) => address),
    cc: cc.map(({ address }) => address),
    subject,
    messageId,
    date: new Date(now),
    text,
  };
  return {
    what: "eFrikort's mail made by its template and printed",
    work: () => {
      const written = writeMail(compose());
      if (!written.ok) throw new Error(written.failure[0]?.field);
      return written.value;
    },
    ...(other === undefined
      ? {}
      : { reference: { name: 'MailComposer of nodemailer', work: () => other.writeMail(options) } }),
    target: MAIL,
  };
};

const xml = async (): Promise<Compared> => {
  const { toXml, fromXml } = createXml();
  const consent: Consent = { id: 'samtykke-1', ...consentOf(persons().next().value) };
  const json = JSON.stringify(consent);
  const other = await loadReference<{ readonly roundTrip: (json: string) => string }>('fhir-xml.js');
  if (other !== undefined && JSON.parse(other.roundTrip(json)).status !== consent.status) {
    throw new Error('the reference does not read what it writes');
  }
  return {
    what: 'JSON → XML → JSON of a Consent',
    work: () => {
      const back = fromXml(toXml(json));
      if (!back.ok) throw new Error(back.failure[0]?.diagnostics);
      return back.value;
    },
    ...(other === undefined
      ? {}
      : { reference: { name: 'the package fhir', work: () => other.roundTrip(json) } }),
    target: XML,
  };
};

/** A mail, and FHIR's other format. */
export const formats = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const lines: Line[] = [];
  for (const { what, work, reference, target } of [await mail(), await xml()]) {
    const [ours = Number.NaN, theirs = Number.NaN] = await timeWaits(plan, [
      work,
      ...(reference === undefined ? [] : [reference.work]),
    ]);
    lines.push({
      what,
      measured: microseconds(ours),
      ...(reference === undefined
        ? {}
        : {
            reference: `${reference.name} ${microseconds(theirs)}`,
            ratio: `${short(theirs / ours)} × as fast`,
          }),
      target: `< ${target} µs`,
      met: ours < target,
    });
  }
  return lines;
};
