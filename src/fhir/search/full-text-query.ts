import { fold } from './fold.ts';
import { BETWEEN_WORDS } from './full-text.ts';

const TOKEN = /\s*(?:([()])|"([^"]*)"|([^\s()"]+))/y;

const tokensOf = (text: string): readonly string[] | undefined => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const found = TOKEN.exec(text);
    if (found === null) return undefined;
    const [, bracket, phrase, word] = found;
    tokens.push(bracket ?? (phrase === undefined ? (word ?? '') : `"${phrase}"`));
  }
  return tokens;
};

/** A phrase of FTS5: only letters, digits and blanks between quotes, so that nothing in it is an operator. */
const phraseOf = (token: string): string | undefined => {
  const begins = !token.startsWith('"') && token.endsWith('*');
  const words = fold(token).replace(BETWEEN_WORDS, ' ').trim();
  return words === '' ? undefined : `"${words}"${begins ? ' *' : ''}`;
};

const MAX_TOKENS = 60;

const isOperator = (token: string | undefined, name: string): boolean => token?.toLowerCase() === name;

/**
 * R4's example: `(bone OR liver) and metastases`. Words all must be there; OR, AND, NOT and brackets say otherwise;
 * a phrase stands in quotes, and `*` ends the beginning of a word. Undefined: it does not read as that.
 */
export const fullTextQuery = (text: string): string | undefined => {
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.length === 0 || tokens.length > MAX_TOKENS) return undefined;
  let at = 0;

  const one = (): string | undefined => {
    const token = tokens[at];
    at += 1;
    if (token === '(') {
      const inner = either();
      if (inner === undefined || tokens[at] !== ')') return undefined;
      at += 1;
      return inner;
    }
    const operator = ['or', 'and', 'not'].some((name) => isOperator(token, name));
    return token === undefined || token === ')' || operator ? undefined : phraseOf(token);
  };

  const all = (): string | undefined => {
    let joined = one();
    while (
      joined !== undefined &&
      at < tokens.length &&
      tokens[at] !== ')' &&
      !isOperator(tokens[at], 'or')
    ) {
      if (isOperator(tokens[at], 'and')) at += 1;
      const without = isOperator(tokens[at], 'not');
      if (without) at += 1;
      const next = one();
      joined = next === undefined ? undefined : `(${joined} ${without ? 'NOT' : 'AND'} ${next})`;
    }
    return joined;
  };

  const either = (): string | undefined => {
    let joined = all();
    while (joined !== undefined && isOperator(tokens[at], 'or')) {
      at += 1;
      const next = all();
      joined = next === undefined ? undefined : `(${joined} OR ${next})`;
    }
    return joined;
  };

  const query = either();
  return at === tokens.length ? query : undefined;
};
