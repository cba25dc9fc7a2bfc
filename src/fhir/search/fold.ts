const MARKS = /\p{M}/gu;
const SPACES = /\s+/gu;
const PLAIN = /^[a-z0-9][a-z0-9 ]*$/;

/** Letters that Unicode does not take apart, so that Danish ø is found like Swedish ö. */
const WHOLE: Readonly<Record<string, string>> = {
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
};
const WHOLE_LETTERS = new RegExp(`[${Object.keys(WHOLE).join('')}]`, 'gu');

/**
 * A text as the default string match compares it: lower case, without diacritics, with single spaces.
 * R4: "case and accent-insensitive".
 */
export const fold = (text: string): string => {
  if (PLAIN.test(text) && !text.includes('  ') && !text.endsWith(' ')) return text;
  return text
    .normalize('NFD')
    .replace(MARKS, '')
    .toLowerCase()
    .replace(WHOLE_LETTERS, (letter) => WHOLE[letter] ?? letter)
    .replace(SPACES, ' ')
    .trim();
};
