import type { Bundle, Organization, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FNR, NUMBERS, samtykke, withdrawn } from '../e2e/fixtures.ts';
import { headersFor, type Role } from '../e2e/headers.ts';
import { type Started, start } from './started.ts';
import { asResource, type Connection, idOf, patientOf, type TestedClient } from './tested-client.ts';

type Connect = (connection: Connection) => TestedClient;

/** The clients of one run: one that writes Consents about a patient, one that keeps the directory. */
interface Run {
  readonly care: TestedClient;
  readonly directory: TestedClient;
}

const BY_NUMBER = `${FNR}|${NUMBERS.documented}`;

const organization = (name: string): Organization => ({ resourceType: 'Organization', name });

const refused = async (client: TestedClient, call: Promise<unknown>) => {
  try {
    await call;
  } catch (error) {
    return client.refusalOf(error);
  }
  throw new Error('the call was not refused');
};

/** A client tells the status or not; where it does, it is this one. */
const expectStatus = ({ status }: { readonly status?: number }, expected: number): void => {
  expect(status ?? expected).toBe(expected);
};

const entries = (bundle: Bundle): readonly (Resource | undefined)[] =>
  (bundle.entry ?? []).map(({ resource }) => resource);

const consents = (run: () => Run): void => {
  it('creates, reads, updates and deletes a Consent, and reads each of its versions', async () => {
    const { care } = run();
    const made = await care.create(samtykke());
    const id = idOf(made);
    expect(made.meta?.versionId).toBe('1');
    expect(await care.read('Consent', id)).toEqual(made);
    const changed = await care.update({ ...withdrawn(samtykke()), id });
    expect(changed).toMatchObject({ status: 'inactive', meta: { versionId: '2' } });
    expect(await care.vread('Consent', id, '1')).toEqual(made);
    const history = await care.history('Consent', id);
    expect(history).toMatchObject({ type: 'history', total: 2 });
    expect(entries(history)).toEqual([changed, made]);
    await care.delete('Consent', id);
    const gone = await refused(care, care.read('Consent', id));
    expectStatus(gone, 410);
    expect(gone.text).toContain('deleted');
  });

  it('finds a Consent by its patient, in the URL and in a body', async () => {
    const { care } = run();
    const made = await care.create(samtykke());
    const parameters = { patient: patientOf(made), status: 'active' };
    expect(entries(await care.search('Consent', parameters))).toEqual([made]);
    const byNumber = { 'patient:identifier': BY_NUMBER };
    expect(entries(await care.searchByPost('Consent', byNumber))).toEqual([made]);
    await care.delete('Consent', idOf(made));
  });

  it('hears every fault of a Consent that cannot be, by its expression', async () => {
    const { care } = run();
    const bad = asResource({ ...samtykke(), status: 'bogus', provision: { type: 'nonsense' } });
    const refusal = await refused(care, care.create(bad));
    expectStatus(refusal, 400);
    expect(refusal.text).toContain('Consent.status');
    expect(refusal.text).toContain('Consent.provision.type');
    expect(await care.validate(bad)).toMatchObject({ resourceType: 'OperationOutcome' });
  });
};

const directory = (run: () => Run): void => {
  it('learns the version of FHIR from the CapabilityStatement', async () => {
    expect(await run().directory.fhirVersion()).toBe('4.0.1');
  });

  it('is refused by 412 for a version that is not the latest, and by 404 for what never was', async () => {
    const client = run().directory;
    const made = await client.create(organization('Ett'));
    await client.update({ ...organization('Två'), id: idOf(made) }, 'W/"1"');
    const stale = await refused(client, client.update({ ...organization('Tre'), id: idOf(made) }, 'W/"1"'));
    expectStatus(stale, 412);
    expect(stale.text).toContain('version 2');
    const missing = await refused(client, client.read('Organization', 'never-was'));
    expectStatus(missing, 404);
  });

  it('follows next links to the end, each entry once', async () => {
    const client = run().directory;
    const made: string[] = [];
    for (let each = 1; each <= 5; each += 1) {
      made.push(idOf(await client.create(organization(`Sidvis ${each}`))));
    }
    const seen = await client.idsOfAllPages('Organization', { name: 'Sidvis', _count: '2' });
    expect(seen.toSorted()).toEqual(made.toSorted());
  });

  it('lists the history of a type, newest first', async () => {
    const client = run().directory;
    const made = await client.create(organization('Äldre'));
    const changed = await client.update({ ...organization('Nyare'), id: idOf(made) });
    const history = await client.history('Organization');
    expect(history.type).toBe('history');
    expect(entries(history).slice(0, 2)).toEqual([changed, made]);
  });

  it('follows a reference', async () => {
    const client = run().directory;
    const parent = await client.create(organization('Förälder'));
    const reference = `Organization/${idOf(parent)}`;
    const child = await client.create({ ...organization('Barn'), partOf: { reference } });
    expect(await client.readReference(child, 'partOf', reference)).toEqual(parent);
  });

  it('creates unless there is one, and updates the one that matches', async () => {
    const client = run().directory;
    const first = await client.createUnlessThere(organization('Villkor'), 'name=Villkor');
    const second = await client.createUnlessThere(organization('Villkor'), 'name=Villkor');
    expect(idOf(second)).toBe(idOf(first));
    const changed = await client.updateWhere({ ...organization('Villkor'), active: false }, 'name=Villkor');
    expect(changed).toMatchObject({ id: idOf(first), active: false, meta: { versionId: '2' } });
  });

  it('patches by JSON Patch', async () => {
    const client = run().directory;
    const made = await client.create(organization('Före'));
    const steps = [{ op: 'replace', path: '/name', value: 'Efter' }] as const;
    const patched = await client.patch('Organization', idOf(made), steps);
    expect(patched).toMatchObject({ id: idOf(made), name: 'Efter', meta: { versionId: '2' } });
  });

  it('sends a batch and a transaction', async () => {
    const client = run().directory;
    const post = (name: string, fullUrl?: string, partOf?: string) => ({
      ...(fullUrl === undefined ? {} : { fullUrl }),
      resource: { ...organization(name), ...(partOf === undefined ? {} : { partOf: { reference: partOf } }) },
      request: { method: 'POST' as const, url: 'Organization' },
    });
    const parent = 'urn:uuid:0b7c1f7e-6f0d-4e1c-9a55-0f2b6d1f7a11';
    const batch = await client.batch({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [post('Ensam'), { request: { method: 'GET', url: 'Organization/never-was' } }],
    });
    expect(batch.entry?.map(({ response }) => response?.status?.slice(0, 3))).toEqual(['201', '404']);
    const transaction = await client.batch({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [post('Barn', undefined, parent), post('Förälder', parent)],
    });
    const [child, made] = entries(transaction);
    expect(child).toMatchObject({ partOf: { reference: `Organization/${idOf(made)}` } });
  });
};

/** Further types from the built-in store, as a general FHIR server has them. */
const extraTypes = (run: () => Run): void => {
  it('keeps and finds resources of further types, through chains and with what they refer to', async () => {
    const client = run().directory;
    const doctor = await client.create({ resourceType: 'Practitioner', name: [{ family: 'Hansen' }] });
    const reference = `Practitioner/${idOf(doctor)}`;
    const observation = await client.create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      performer: [{ reference }],
      valueQuantity: { value: 62, system: 'http://unitsofmeasure.org', code: '/min' },
    });
    expect(await client.read('Observation', idOf(observation))).toEqual(observation);
    const criteria = { 'performer:Practitioner.family': 'hans', 'value-quantity': 'gt60', code: '8867-4' };
    expect(entries(await client.search('Observation', criteria))).toEqual([observation]);
    const along = await client.search('Observation', { ...criteria, _include: 'Observation:performer' });
    expect(along.entry?.map(({ search, resource }) => [search?.mode, resource])).toEqual([
      ['match', observation],
      ['include', doctor],
    ]);
    const has = { '_has:Observation:performer:code': '8867-4', _revinclude: 'Observation:performer' };
    expect(entries(await client.search('Practitioner', has))).toEqual([doctor, observation]);
    await client.delete('Observation', idOf(observation));
    expect(entries(await client.search('Practitioner', has))).toEqual([]);
  });
};

/** A token of the role, and every header that NLL asks of it. */
export const connection = async (started: Started, role: Role, patient?: string): Promise<Connection> => ({
  origin: started.origin,
  token: await started.token(role),
  headers: (method, path) => headersFor({ method, path, role, patient }),
});

export const bare = ({ origin }: Started): Connection => ({ origin, headers: () => ({}) });

const MODES: readonly {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly open: (started: Started, connect: Connect) => Promise<Run>;
}[] = [
  {
    name: 'with a token and NLL’s headers, given through its own options',
    settings: {},
    open: async (started, connect) => {
      // The logical id for X-PatientRef is asked for by the number, as a hospital's system does it.
      const stranger = connect(await connection(started, 'prescriber'));
      const [patient] = entries(await stranger.searchByPost('Patient', { identifier: BY_NUMBER }));
      return {
        care: connect(await connection(started, 'prescriber', idOf(patient))),
        directory: connect(await connection(started, 'system')),
      };
    },
  },
  {
    name: 'bare, against an open sandbox where the header rules only report',
    settings: { SANDBOX_OPEN: 'on' },
    open: async (started, connect) => ({ care: connect(bare(started)), directory: connect(bare(started)) }),
  },
];

/** Everything that a FHIR client does with the facade over real HTTP, in both ways of connecting it. */
export const clientSuite = (name: string, connect: Connect): void => {
  describe.each(MODES)(`${name} $name`, ({ settings, open }) => {
    let started: Started | undefined;
    let clients: Run | undefined;
    const run = (): Run => {
      if (clients === undefined) throw new Error('the server has not been started');
      return clients;
    };
    beforeAll(async () => {
      started = await start({ ...settings, FACADE_EXTRA_TYPES: 'Practitioner,Observation' });
      clients = await open(started, connect);
    });
    afterAll(async () => {
      await started?.stop();
    });
    consents(run);
    directory(run);
    extraTypes(run);
  });
};
