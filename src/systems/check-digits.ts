/** The check digits of organisation identifiers. Each function expects a value of digits alone. */

const digit = (value: string, at: number): number => value.charCodeAt(at) - 48;

/** The weighted sum of all digits, the check digit included, is divisible by eleven (CVR, Norwegian numbers). */
export const modulus11 = (value: string, weights: readonly number[]): boolean =>
  weights.reduce((sum, weight, at) => sum + weight * digit(value, at), 0) % 11 === 0;

/** GS1's modulus 10: weights 1 and 3 in turn from the left of a 13-digit number. */
export const gs1 = (value: string): boolean => {
  let sum = 0;
  for (let at = 0; at < value.length; at += 1) sum += digit(value, at) * (at % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
};

/** Luhn over ten digits (Swedish organisation numbers): every other digit doubled, from the first on. */
export const luhn10 = (value: string): boolean => {
  let sum = 0;
  for (let at = 0; at < 10; at += 1) {
    const doubled = at % 2 === 0 ? digit(value, at) * 2 : digit(value, at);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

/** Multiplication in the dihedral group D5. */
const times = (a: number, b: number): number => {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
};

const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

const permuted = (value: number, rounds: number): number => {
  let result = value;
  for (let round = 0; round < rounds; round += 1) result = PERMUTATION[result] ?? 0;
  return result;
};

/** Verhoeff, the check of SOR codes (SNOMED CT identifiers): from the right, digits permuted by their place. */
export const verhoeff = (value: string): boolean => {
  let check = 0;
  for (let place = 0; place < value.length; place += 1) {
    check = times(check, permuted(digit(value, value.length - 1 - place), place % 8));
  }
  return check === 0;
};
