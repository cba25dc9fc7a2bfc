import { DEFAULT_HEADER_SETTINGS, type HeaderSettings } from './settings.ts';
import { isUuid } from './tokens.ts';
import type { HeaderSource } from './values.ts';

/** Response headers that repeat the caller's own ids. */
export interface EchoedHeaders {
  readonly 'X-Request-ID'?: string;
  readonly 'X-Context-ID'?: string;
}

const usable = (raw: string | null): string | undefined => {
  const value = raw?.trim();
  return value !== undefined && isUuid(value) ? value : undefined;
};

/**
 * X-Request-ID and X-Context-ID for the answer, errors included, letter for letter as they came. What is not
 * a UUID is not echoed, and none is made up: the support desk would look for an id that nobody has sent.
 */
export const echoHeaders = (
  headers: HeaderSource,
  settings: Pick<HeaderSettings, 'oldContextName'> = DEFAULT_HEADER_SETTINGS,
): EchoedHeaders => {
  const request = usable(headers.get('X-Request-ID'));
  const sent = headers.get('X-Context-ID');
  const old = settings.oldContextName && sent === null ? headers.get('X-Correlation-ID') : null;
  const context = usable(sent ?? old);
  return {
    ...(request === undefined ? {} : { 'X-Request-ID': request }),
    ...(context === undefined ? {} : { 'X-Context-ID': context }),
  };
};
