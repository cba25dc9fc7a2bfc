import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { consentOf, createHeaders, persons } from './calls.ts';
import { here, type ServerProcess, startServer } from './processes.ts';

/** The facade on Node with a database file on this machine's disk, and a Consent in it. */
export interface Facade extends ServerProcess {
  /** Of a prescriber. */
  readonly token: string;
  readonly consent: { readonly path: string; readonly patient: string };
  readonly organization: { readonly path: string };
}

/** Below the git-ignored `data`, because /tmp may be memory, where a durable write costs nothing. */
const folder = here('../../data/bench');

export const databaseFile = (): string => `${folder}/${randomUUID()}.db`;

export const removeDatabases = (): void => rmSync(folder, { recursive: true, force: true });

const tokenFrom = async (origin: string): Promise<string> => {
  const answer = await fetch(`${origin}/sandbox/token`, {
    method: 'POST',
    body: JSON.stringify({ role: 'prescriber' }),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token: string };
  return token;
};

const createOne = async (origin: string, token: string): Promise<Facade['consent']> => {
  const answer = await fetch(`${origin}/fhir/Consent`, {
    method: 'POST',
    headers: createHeaders(token, 0),
    body: JSON.stringify(consentOf(persons().next().value)),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`the facade refused the benchmark's Consent: ${text}`);
  const { id, patient } = JSON.parse(text) as {
    readonly id: string;
    readonly patient: { readonly reference: string };
  };
  return { path: `/fhir/Consent/${id}`, patient: patient.reference.replace('Patient/', '') };
};

/** Starts it as `npm start` does, in the sandbox. */
export const startFacade = async (): Promise<Facade> => {
  const server = await startServer(here('../../src/runtime/node/main.ts'), {
    PORT: '0',
    DATABASE_URL: `sqlite:${databaseFile()}`,
  });
  const token = await tokenFrom(server.origin);
  return {
    ...server,
    token,
    consent: await createOne(server.origin, token),
    organization: { path: '/fhir/Organization/pvk-part-nfs' },
  };
};

/** The bytes that it answers, for a reference to answer the same. */
export const bodyOf = async (
  { origin }: Facade,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> => {
  const answer = await fetch(`${origin}${path}`, { headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return text;
};
