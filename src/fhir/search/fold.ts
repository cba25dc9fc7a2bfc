const MARKS = /\p{M}/gu;
const SPACES = /\s+/gu;
const PLAIN = /^[a-z0-9][a-z0-9 ]*$/;

/**
 * A text as the default string match compares it: lower case, without diacritics, with single spaces.
 * R4: "case and accent-insensitive".
 */
export const fold = (text: string): string => {
  if (PLAIN.test(text) && !text.includes('  ') && !text.endsWith(' ')) return text;
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().replace(SPACES, ' ').trim();
};
