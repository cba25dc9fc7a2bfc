import type { Environment } from './config.ts';

/** Ends the parse with the sentence to stop on. */
export class Refusal extends Error {}

export const refuse = (sentence: string): never => {
  throw new Refusal(sentence);
};

/** Typed look-ups in the environment; each refuses with one sentence that names the setting. */
export const readerOf = <Setting extends string>(environment: Environment) => {
  const text = (name: Setting): string | undefined => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const oneOf = <T extends string>(name: Setting, allowed: readonly T[], otherwise: T): T => {
    const value = text(name);
    if (value === undefined) return otherwise;
    return (
      allowed.find((one) => one === value) ?? refuse(`${name} must be ${allowed.join(' or ')}, not ${value}.`)
    );
  };
  const duration = (name: Setting, otherwise: number): number => {
    const value = text(name);
    if (value === undefined) return otherwise;
    const parsed = parseDuration(value);
    return parsed !== undefined && parsed > 0
      ? parsed
      : refuse(`${name} must be a duration above zero such as PT10S or 10s, not ${value}.`);
  };
  const bytes = (name: Setting, otherwise: number): number => {
    const value = text(name);
    if (value === undefined) return otherwise;
    const parsed = parseBytes(value);
    return parsed !== undefined && parsed > 0
      ? parsed
      : refuse(`${name} must be a size above zero such as 8MiB or 8388608, not ${value}.`);
  };
  const port = (name: Setting, otherwise: number): number => {
    const value = text(name);
    if (value === undefined) return otherwise;
    const number = Number(value);
    return Number.isInteger(number) && number >= 0 && number <= 65535
      ? number
      : refuse(`${name} must be a port number (0 picks a free one), not ${value}.`);
  };
  return { text, oneOf, duration, bytes, port };
};

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/** `PT10S`, `PT24H`, `P1DT2H`, `10s`, `10 s`, `500ms` or plain seconds → milliseconds. */
const parseDuration = (text: string): number | undefined => {
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (iso !== null && /\d/.test(text)) {
    const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
    return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
  }
  const plain = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text);
  return plain === null ? undefined : Number(plain[1]) * (SECONDS[plain[2] ?? 's'] ?? 1) * 1000;
};

const UNITS: Readonly<Record<string, number>> = { b: 1, kib: 1024, mib: 1024 ** 2, kb: 1000, mb: 1000 ** 2 };

/** `8MiB`, `8 MiB`, `8388608` → bytes. */
const parseBytes = (text: string): number | undefined => {
  const match = /^(\d+)\s*(b|kib|mib|kb|mb)?$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[(match[2] ?? 'b').toLowerCase()] ?? 1);
};
