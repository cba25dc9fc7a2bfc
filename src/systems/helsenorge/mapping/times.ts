import type { Consent } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import type { JsonValue } from '../../system.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { TypePi } from '../message.ts';
import type { HelsenorgeSettings } from '../settings.ts';
import type { MappingContext } from './context.ts';
import { finding } from './findings.ts';

const DATE_TIME = 'Consent.dateTime';
const PERIOD = 'Consent.provision.period';

/** PVK's form of a moment: UTC, whole seconds. */
const utcSeconds = (moment: number): string => `${new Date(moment).toISOString().slice(0, 19)}Z`;

/** tidspunkt of the Consent's `dateTime`; undefined when it has none, or none that is a moment. */
export const readTidspunkt = (
  consent: Consent,
  context: MappingContext,
  issues: Issue[],
): string | undefined => {
  const { dateTime } = consent;
  if (dateTime === undefined) return undefined;
  if (!dateTime.includes('T')) {
    const severity = context.settings.dateWithoutInstant === 'refuse' ? 'error' : 'warning';
    const why = 'A date without time of day is no moment; the setting is sent without tidspunkt.';
    issues.push(finding('date-without-instant', DATE_TIME, why, severity));
    return undefined;
  }
  const moment = Date.parse(dateTime);
  if (Number.isNaN(moment)) {
    issues.push(finding('date-malformed', DATE_TIME, 'The moment is not one that a clock can show.'));
    return undefined;
  }
  if (moment > context.now) {
    const why = 'The moment lies in the future; whether PVK accepts that is not known.';
    issues.push(finding('date-in-future', DATE_TIME, why, 'warning'));
  }
  return utcSeconds(moment);
};

/** A metadata object with the citizen's time limits, under the configured name. */
export interface TimeLimitMetadata {
  readonly member: string;
  readonly content: JsonValue;
}

/** The time limits of `provision.period`; undefined when there are none, or a finding says why not. */
export const readPeriod = (
  consent: Consent,
  setting: { readonly typePi: TypePi | undefined; readonly entry: CatalogueEntry | undefined },
  aktiv: boolean | undefined,
  settings: HelsenorgeSettings,
  issues: Issue[],
): TimeLimitMetadata | undefined => {
  const period = consent.provision?.period;
  const { typePi, entry } = setting;
  if (period === undefined || typePi === undefined || entry === undefined) return undefined;
  if (aktiv === false) {
    const why = 'A withdrawal takes the whole setting away and has no period.';
    issues.push(finding('withdrawal-with-content', PERIOD, why));
    return undefined;
  }
  const limits = settings.timeLimits;
  const member = typePi === 'tilgangsbegrensning' ? undefined : limits?.objects[typePi];
  if (entry.periods === 'none' || limits === undefined || member === undefined) {
    const why =
      entry.periods === 'none'
        ? 'This definition lets the citizen set no period.'
        : 'How PVK writes a period is not published and not configured on this server.';
    issues.push(finding('period-not-supported', PERIOD, why));
    return undefined;
  }
  const { start, end } = period;
  const missing = limits.ends === 'both' ? start === undefined || end === undefined : !(start ?? end);
  if (missing) {
    const why = limits.ends === 'both' ? 'The period needs both its ends.' : 'The period needs an end.';
    issues.push(finding('period-incomplete', PERIOD, why));
    return undefined;
  }
  if (start !== undefined && end !== undefined && endsBefore(end, start)) {
    issues.push(finding('period-order', PERIOD, 'The period ends before it starts.'));
    return undefined;
  }
  const entries = [
    ...(start === undefined ? [] : [[limits.from, start] as const]),
    ...(end === undefined ? [] : [[limits.to, end] as const]),
  ];
  return { member, content: { [limits.list]: [Object.fromEntries(entries)] } };
};

const DAY = 86_400_000;
const LENGTHS = { year: 4, month: 7, day: 10 } as const;

/** The last moment that a FHIR dateTime of any precision can mean. */
const latest = (text: string): number => {
  const moment = Date.parse(text);
  if (text.length > LENGTHS.day) return moment;
  const next = new Date(moment);
  if (text.length === LENGTHS.year) next.setUTCFullYear(next.getUTCFullYear() + 1);
  else if (text.length === LENGTHS.month) next.setUTCMonth(next.getUTCMonth() + 1);
  else return moment + DAY - 1;
  return next.getTime() - 1;
};

/** True only when no reading of the two puts the end after the start. */
const endsBefore = (end: string, start: string): boolean => latest(end) < Date.parse(start);
