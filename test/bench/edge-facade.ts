import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Row, Statement } from '../../src/ports.ts';
import { auditStatement } from '../../src/security/audit.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import type { NewVersion } from '../../src/store/types.ts';
import { consentOf, persons } from './calls.ts';
import type { WorkerSetup } from './workerd.ts';

/** Configuration and data for the production Worker, which has no sandbox to make them. */

const ISSUER = 'https://issuer.bench.invalid';
const AUDIENCE = 'https://facade.bench.invalid/fhir';

/** A token issuer of this run, whose public key is in the configuration. */
export const createIssuer = async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256' };
  return {
    setting: JSON.stringify([{ issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [jwk] } }]),
    prescriberToken: () =>
      new SignJWT({
        client_id: 'bench',
        facade_role: 'prescriber',
        scope: 'user/*.cruds',
        loa: 3,
        organization: { system: 'urn:oid:2.5.4.97', value: '5599990016' },
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('bench')
        .setIssuedAt()
        .setJti(randomUUID())
        .setExpirationTime('1h')
        .sign(privateKey),
  };
};

export const settingsFor = (issuers: string, port: number): NonNullable<WorkerSetup['texts']> => ({
  TOKEN_ISSUERS: issuers,
  FACADE_SECRET: randomUUID() + randomUUID(),
  BASE_URL: `http://127.0.0.1:${port}`,
});

const NOTHING = { token: [], reference: [], date: [], string: [], uri: [] };

/** A stored Consent that no national system can be asked about. */
export const storedConsent = () => {
  const patient = randomUUID();
  const id = randomUUID();
  const at = Date.now();
  const meta = { versionId: '1', lastUpdated: new Date(at).toISOString() };
  const { resourceType, ...body } = consentOf(persons().next().value);
  const version: NewVersion = {
    type: 'Consent',
    id,
    version: 1,
    lastUpdated: at,
    deleted: false,
    method: 'POST',
    content: JSON.stringify({ resourceType, id, meta, ...body }),
    patient,
    owner: null,
    checkedAt: null,
    uniqueKey: null,
    index: NOTHING,
  };
  return { id, patient, version };
};

/** The statements that a repository runs, taken from the repository itself. */
const recorded = async (run: (repository: ReturnType<typeof createRepository>) => Promise<unknown>) => {
  const statements: Statement[] = [];
  const none: readonly Row[] = [];
  const database = {
    query: async (statement: Statement) => {
      statements.push(statement);
      return none;
    },
    batch: async () => [],
  };
  await run(createRepository(database));
  return statements;
};

export const storingStatements = (version: NewVersion): readonly Statement[] =>
  createRepository({ query: async () => [], batch: async () => [] }).versionStatements(version, UNGUARDED);

/** What one audited read asks of the database. */
export const readStatements = async (id: string, patient: string) => {
  const [read] = await recorded((repository) => repository.read('Consent', id));
  const audit = auditStatement({
    at: Date.now(),
    interaction: 'read',
    action: 'R',
    outcome: '0',
    type: 'Consent',
    id,
    version: 1,
    patient,
    callerKey: 'x'.repeat(43),
    role: 'prescriber',
    clientId: 'bench',
    organization: 'urn:oid:2.5.4.97|5599990016',
    purpose: 'VARD',
    access: 'TILLFALLIGT_SAMTYCKE',
    requestId: randomUUID(),
    contextId: randomUUID(),
    userAgent: 'Eksempeljournal/4.2.1',
    unit: 'Eksempel sykehus',
  });
  return { read, audit };
};
