/**
 * UTF-8 that was read as Latin-1 or Windows-1252: `Ã¥` for `å`. A capital A with tilde or circumflex is followed
 * by nothing of the sort in any Nordic text.
 */
const RUN =
  /[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/g;

/** A first octet whose second was lost: what it was cannot be told. */
const LOST = /\u00c3(?![\u0080-\u00bf\u0152-\u2122])/;

/** Where Windows-1252 differs from Latin-1, 0x80 to 0x9f; a space where it has nothing. */
const WINDOWS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const octetOf = (character: string): number => {
  const at = character === ' ' ? -1 : WINDOWS.indexOf(character);
  return at < 0 ? character.charCodeAt(0) : 0x80 + at;
};

/** The text that was probably meant; undefined when nothing looks wrong or nothing better is known. */
export const probableText = (text: string): string | undefined => {
  const meant = text.replace(RUN, (run) => {
    const octets = Uint8Array.from([...run].map(octetOf));
    const decoded = new TextDecoder().decode(octets);
    return decoded.includes('\ufffd') ? run : decoded;
  });
  return meant === text ? undefined : meant;
};

/** True when a character was lost for good. */
export const hasLostCharacter = (text: string): boolean => LOST.test(text) || text.includes('\ufffd');
