/**
 * Request headers as the platform's parser left them, values as byte strings. They read like the fetch API's, but
 * cost one pass over a dozen pairs where Node's check and sort every name and value again; a call reads them some
 * thirty times. Nor do they print a value to the log, as workerd's do with one that is not ASCII. Read-only.
 */
export class IncomingHeaders {
  readonly #values = new Map<string, string>();

  constructor(raw: readonly string[]) {
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = raw[at]?.toLowerCase() ?? '';
      const value = raw[at + 1] ?? '';
      const before = this.#values.get(name);
      // A header sent twice stays visible as such, where Node's own record would keep the first alone.
      const separator = name === 'cookie' ? '; ' : ', ';
      this.#values.set(name, before === undefined ? value : `${before}${separator}${value}`);
    }
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** In the order sent. */
  entries(): MapIterator<[string, string]> {
    return this.#values.entries();
  }

  keys(): MapIterator<string> {
    return this.#values.keys();
  }

  values(): MapIterator<string> {
    return this.#values.values();
  }

  forEach(act: (value: string, name: string) => void): void {
    this.#values.forEach(act);
  }

  getSetCookie(): string[] {
    return [];
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.#values.entries();
  }
}

/** The same request with these headers; its own are neither read nor copied. */
export const withHeadersOf = (request: Request, headers: IncomingHeaders): Request =>
  Object.defineProperty(request, 'headers', { value: headers });
