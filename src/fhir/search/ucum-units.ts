/**
 * The units of UCUM that quantities are converted between: those of R4's vital signs and of common laboratory
 * results, medication and body measures. Source: https://ucum.org/ucum, tables 1 to 24. Case sensitive, as in FHIR.
 * A unit that is not here is compared with itself alone.
 */

/** What can be measured; UCUM counts moles as a pure number, which would make any count comparable with them. */
export type Dimension = 'm' | 's' | 'g' | 'rad' | 'K' | 'C' | 'cd' | 'mol' | 'iU';

/** How often each dimension is multiplied. */
export type Dimensions = Readonly<Partial<Record<Dimension, number>>>;

export interface Atom {
  /** Times the base units. */
  readonly factor: number;
  readonly dimensions: Dimensions;
  /** Takes a prefix (`m` of `mg`). */
  readonly metric?: true;
  /** Added after the factor has been applied; such a unit stands alone. */
  readonly offset?: number;
}

/** UCUM, table 1. */
export const PREFIXES: Readonly<Record<string, number>> = {
  Y: 1e24,
  Z: 1e21,
  E: 1e18,
  P: 1e15,
  T: 1e12,
  G: 1e9,
  M: 1e6,
  k: 1e3,
  h: 1e2,
  da: 1e1,
  d: 1e-1,
  c: 1e-2,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  p: 1e-12,
  f: 1e-15,
  a: 1e-18,
  z: 1e-21,
  y: 1e-24,
};

const metric = (factor: number, dimensions: Dimensions): Atom => ({ factor, dimensions, metric: true });
const plain = (factor: number, dimensions: Dimensions = {}): Atom => ({ factor, dimensions });

const FORCE: Dimensions = { g: 1, m: 1, s: -2 };
const PRESSURE: Dimensions = { g: 1, m: -1, s: -2 };
const ENERGY: Dimensions = { g: 1, m: 2, s: -2 };
const POWER: Dimensions = { g: 1, m: 2, s: -3 };
const VOLUME: Dimensions = { m: 3 };
const INCH = 0.0254;

export const ATOMS: Readonly<Record<string, Atom>> = {
  // Base units, and pure numbers.
  m: metric(1, { m: 1 }),
  s: metric(1, { s: 1 }),
  g: metric(1, { g: 1 }),
  rad: metric(1, { rad: 1 }),
  K: metric(1, { K: 1 }),
  C: metric(1, { C: 1 }),
  cd: metric(1, { cd: 1 }),
  mol: metric(1, { mol: 1 }),
  '10*': plain(10),
  '10^': plain(10),
  '%': plain(1e-2),
  '[ppth]': plain(1e-3),
  '[ppm]': plain(1e-6),
  '[ppb]': plain(1e-9),
  // Time.
  min: plain(60, { s: 1 }),
  h: plain(3600, { s: 1 }),
  d: plain(86_400, { s: 1 }),
  wk: plain(604_800, { s: 1 }),
  mo: plain(2_629_800, { s: 1 }),
  mo_j: plain(2_629_800, { s: 1 }),
  a: plain(31_557_600, { s: 1 }),
  a_j: plain(31_557_600, { s: 1 }),
  Hz: metric(1, { s: -1 }),
  // Length, area and volume.
  L: metric(1e-3, VOLUME),
  l: metric(1e-3, VOLUME),
  ar: metric(100, { m: 2 }),
  '[in_i]': plain(INCH, { m: 1 }),
  '[ft_i]': plain(12 * INCH, { m: 1 }),
  '[yd_i]': plain(36 * INCH, { m: 1 }),
  '[mi_i]': plain(63_360 * INCH, { m: 1 }),
  '[gal_us]': plain(231 * INCH ** 3, VOLUME),
  '[qt_us]': plain((231 * INCH ** 3) / 4, VOLUME),
  '[pt_us]': plain((231 * INCH ** 3) / 8, VOLUME),
  '[cup_us]': plain((231 * INCH ** 3) / 16, VOLUME),
  '[foz_us]': plain((231 * INCH ** 3) / 128, VOLUME),
  '[tbs_us]': plain((231 * INCH ** 3) / 256, VOLUME),
  '[tsp_us]': plain((231 * INCH ** 3) / 768, VOLUME),
  '[drp]': plain(5e-8, VOLUME),
  // Mass.
  t: metric(1e6, { g: 1 }),
  '[lb_av]': plain(453.592_37, { g: 1 }),
  '[oz_av]': plain(28.349_523_125, { g: 1 }),
  '[gr]': plain(0.064_798_91, { g: 1 }),
  '[stone_av]': plain(6350.293_18, { g: 1 }),
  // Temperature.
  Cel: { factor: 1, dimensions: { K: 1 }, metric: true, offset: 273.15 },
  '[degF]': { factor: 5 / 9, dimensions: { K: 1 }, offset: 459.67 * (5 / 9) },
  // Force, pressure, energy and power.
  N: metric(1e3, FORCE),
  Pa: metric(1e3, PRESSURE),
  bar: metric(1e8, PRESSURE),
  atm: plain(101_325_000, PRESSURE),
  'm[Hg]': metric(133_322_000, PRESSURE),
  'm[H2O]': metric(9_806_650, PRESSURE),
  '[psi]': plain(6_894_757.293_168_36, PRESSURE),
  J: metric(1e3, ENERGY),
  cal: metric(4184, ENERGY),
  '[Cal]': plain(4_184_000, ENERGY),
  W: metric(1e3, POWER),
  // Amount, and what acts.
  eq: metric(1, { mol: 1 }),
  osm: metric(1, { mol: 1 }),
  kat: metric(1, { mol: 1, s: -1 }),
  U: metric(1e-6 / 60, { mol: 1, s: -1 }),
  '[iU]': metric(1, { iU: 1 }),
  '[IU]': metric(1, { iU: 1 }),
  // Electricity, light and radiation.
  A: metric(1, { C: 1, s: -1 }),
  V: metric(1e3, { g: 1, m: 2, s: -2, C: -1 }),
  Ohm: metric(1e3, { g: 1, m: 2, s: -1, C: -2 }),
  F: metric(1e-3, { C: 2, s: 2, g: -1, m: -2 }),
  lm: metric(1, { cd: 1 }),
  lx: metric(1, { cd: 1, m: -2 }),
  Bq: metric(1, { s: -1 }),
  Gy: metric(1, { m: 2, s: -2 }),
  Sv: metric(1, { m: 2, s: -2 }),
  deg: plain(Math.PI / 180, { rad: 1 }),
};
