import { DEFAULT_HEADER_SETTINGS, type HeaderSettings } from './settings.ts';
import { isUuid } from './tokens.ts';
import type { HeaderSource } from './values.ts';

/** Response headers that every answer has: the caller's own ids, and `nmi-id` where it is set. */
export interface EchoedHeaders {
  readonly 'nmi-id'?: string;
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
  settings: Pick<HeaderSettings, 'oldContextName' | 'nmiId'> = DEFAULT_HEADER_SETTINGS,
): EchoedHeaders => {
  const request = usable(headers.get('X-Request-ID'));
  const sent = headers.get('X-Context-ID');
  const old = settings.oldContextName && sent === null ? headers.get('X-Correlation-ID') : null;
  const context = usable(sent ?? old);
  return {
    ...(settings.nmiId === undefined ? {} : { 'nmi-id': settings.nmiId }),
    ...(request === undefined ? {} : { 'X-Request-ID': request }),
    ...(context === undefined ? {} : { 'X-Context-ID': context }),
  };
};
