import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Client, createClient } from './client.ts';

/** A facade that has been started. */
export interface Opened {
  fetch(request: Request): Promise<Response>;
  close?(): Promise<void>;
}

/**
 * Starts a sandbox facade.
 *
 * @param settings environment variables beyond a sandbox's defaults, by the names of the contract
 */
export type Open = (settings?: Readonly<Record<string, string>>) => Promise<Opened>;

/** A part of the suite. */
export type Theme = (open: Open) => void;

/** One server for the tests around the call, set back to the state of a first start before each of them. */
export const useServer = (open: Open, settings: Readonly<Record<string, string>> = {}): Client => {
  let opened: Opened | undefined;
  const client = createClient(async (request) => {
    if (opened === undefined) throw new Error('the server has not been started');
    return opened.fetch(request);
  });
  beforeAll(async () => {
    opened = await open(settings);
  });
  beforeEach(async () => {
    await client.reset();
  });
  afterAll(async () => {
    await opened?.close?.();
  });
  return client;
};
