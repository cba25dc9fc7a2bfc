import { addressesIn, sameAddress } from '../../mail/address.ts';
import { parseMail } from '../../mail/parse.ts';
import { SUBJECT } from './message.ts';
import { fieldsOf, type Words } from './simulator-answers.ts';
import type { CaughtMail } from './simulator-mailbox.ts';
import type { EfrikortSimulatorSettings } from './simulator-settings.ts';

/** What the region and CGI know of a request, by its mail. */
export interface Registered {
  readonly messageId: string;
  readonly system: string;
  readonly serial: string;
  readonly environment: string;
  readonly region: string;
  /** When the region's approval, and CGI's grant, are there; milliseconds since the epoch. */
  readonly approvedAt?: number;
  readonly grantedAt?: number;
}

/** Whether something planned for a time has come about. */
export const has = (at: number | undefined, now: number): boolean => at !== undefined && at <= now;

export interface Incoming {
  readonly mail: CaughtMail;
  readonly support: string;
  readonly regionOf: (address: string) => string | undefined;
  readonly registered: readonly Registered[];
  readonly settings: Pick<EfrikortSimulatorSettings, 'testGate' | 'duplicate'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Judgement =
  | { readonly kind: 'registered'; readonly entry: Registered; readonly furtherRegion: boolean }
  /** CGI answers so, and the request goes nowhere. */
  | { readonly kind: 'refused'; readonly words: Words }
  /** Nobody who could answer got it. */
  | { readonly kind: 'unanswered' };

const folded = (text: string): string => text.trim().toLowerCase();

const recipientsOf = (
  mail: CaughtMail,
): { readonly to: readonly string[]; readonly all: readonly string[] } => {
  const parsed = parseMail(mail.raw);
  const to = addressesIn(parsed?.header('to') ?? '');
  return { to, all: [...to, ...addressesIn(parsed?.header('cc') ?? '')] };
};

/** The checks in order: recipients, subject, fields, environment, serial number, TEST before PRODUKTION. */
export const judgeMail = ({ mail, support, regionOf, registered, settings, now }: Incoming): Judgement => {
  const parsed = parseMail(mail.raw);
  const { to, all } = recipientsOf(mail);
  const region = to.map(regionOf).find((hsaId) => hsaId !== undefined);
  if (parsed === undefined || region === undefined) return { kind: 'unanswered' };
  const fields = fieldsOf(mail);
  const { system, contact, environment, region: named, serial, furtherRegion } = fields;
  if (!furtherRegion && !all.some((address) => sameAddress(address, support))) return { kind: 'unanswered' };
  if (parsed.header('subject') !== SUBJECT) return { kind: 'refused', words: 'incomplete' };
  if (system === undefined || contact === undefined || named === undefined || serial === undefined) {
    return { kind: 'refused', words: 'incomplete' };
  }
  if (environment !== 'TEST' && environment !== 'PRODUKTION') return { kind: 'refused', words: 'incomplete' };
  const same = registered.filter((one) => folded(one.system) === folded(system));
  const tested = same.some(
    (one) =>
      one.environment === 'TEST' &&
      has(one.grantedAt, now) &&
      (settings.testGate === 'per-system' || one.region === region),
  );
  if (environment === 'PRODUKTION' && !tested) return { kind: 'refused', words: 'test-first' };
  const earlier = same.find(
    (one) =>
      one.environment === environment && one.region === region && folded(one.serial) === folded(serial),
  );
  if (has(earlier?.approvedAt, now) && settings.duplicate === 'already-registered') {
    return { kind: 'refused', words: 'duplicate' };
  }
  const entry = { messageId: mail.messageId, system, serial, environment, region };
  return { kind: 'registered', entry, furtherRegion };
};
