/** A setting's fault, carried to the one place that makes a Result of it. */
export class Refusal extends Error {}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses a member that is none of these: a misspelt one must not be silently without effect. */
export const memberNames = (value: JsonObject, known: readonly string[], at: string): void => {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Refusal(`${at}.${unknown} is not known; the members are ${known.join(', ')}.`);
  }
};

/** A text that is not empty; undefined when the member is absent. */
export const textMember = (value: JsonObject, name: string, at: string): string | undefined => {
  const member = value[name];
  if (member === undefined) return undefined;
  if (typeof member === 'string' && member.trim() !== '') return member;
  throw new Refusal(`${at}.${name} must be a text.`);
};

/** A text or a list of texts, at least one. An empty text counts only within a list. */
export const textsMember = (value: JsonObject, name: string, at: string): readonly string[] | undefined => {
  const member = value[name];
  if (member === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(member) ? member : [textMember(value, name, at)];
  const texts = list.filter((one) => typeof one === 'string');
  if (texts.length === 0 || texts.length !== list.length) {
    throw new Refusal(`${at}.${name} must be a text or a list of texts.`);
  }
  return texts;
};

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** An https address; http only where it stays on this machine. */
export const isSafeUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
};
