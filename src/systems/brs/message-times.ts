const HOUR = 3_600_000;
const MARCH = 2;
const OCTOBER = 9;

/** 01:00 UTC on the last Sunday of a month, when the European Union changes its clocks. */
const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
};

/** Milliseconds that Danish time is ahead of UTC at an instant (the rule since 1996). */
const ahead = (at: number): number => {
  const year = new Date(at).getUTCFullYear();
  return at >= lastSunday(year, MARCH) && at < lastSunday(year, OCTOBER) ? 2 * HOUR : HOUR;
};

/** An instant as BRS's examples write it: `2026-03-03T08:00:00+01:00`, Danish time, whole seconds. */
export const danishTime = (at: number): string => {
  const offset = ahead(at);
  return `${new Date(at + offset).toISOString().slice(0, 19)}+0${offset / HOUR}:00`;
};

/** The first instant of a Danish day `yyyy-mm-dd`. */
export const startOfDanishDay = (day: string): number => {
  const utc = Date.parse(`${day}T00:00:00Z`);
  return utc - ahead(utc - HOUR);
};
