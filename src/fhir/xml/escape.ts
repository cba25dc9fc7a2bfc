const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Written plainly these would be read back as spaces (XML 1.0, section 3.3.3).
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Controls (Cc), lone surrogates (Cs), and the two others that XML 1.0 leaves out. */
const SPECIAL = /[&<>"\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const EVERY_SPECIAL = new RegExp(SPECIAL, 'gu');

const REPLACEMENT = '\uFFFD';

const referenceOf = (character: string): string => {
  const known = REFERENCES[character];
  if (known !== undefined) return known;
  const code = character.charCodeAt(0);
  return code >= 0x7f && code <= 0x9f ? `&#${code};` : REPLACEMENT;
};

/**
 * Text for an attribute in double quotes. What XML 1.0 cannot say at all (U+0000 and the like, which R4's
 * strings do not have either) becomes U+FFFD.
 */
export const escapeAttribute = (text: string): string =>
  SPECIAL.test(text) ? text.replace(EVERY_SPECIAL, referenceOf) : text;
