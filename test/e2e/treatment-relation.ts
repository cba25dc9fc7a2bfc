import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { basic, CLINICIAN, CPR, FIELDS, PATIENT, REFERENCE, result, YDER } from '../systems/brs/samples.ts';
import type { Client } from './client.ts';
import { BASIC_KIND } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const KIND = encodeURIComponent(`${BASIC_KIND}|treatment-relation`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A question about today by the tests' own clock, with a deadline so many days from now. */
const asked = (deadline: number, changes: Parameters<typeof basic>[0] = {}): Basic => {
  const at = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
  return basic({
    interval: { ...FIELDS.interval, valuePeriod: { start: at(-1 / 24), end: at(1 / 24) } },
    timeLimit: { ...FIELDS.timeLimit, valueDateTime: at(deadline) },
    ...changes,
  });
};

const NO_FOLLOWUP = { followup: { ...FIELDS.followup, valueBoolean: false } };

const code = (reply: Reply, name: string): string | undefined =>
  result(resourceIn(reply, 'Basic'), name)?.valueCoding?.code;

const findingCodes = (reply: Reply) => issuesOf(reply).map(({ detail }) => detail);

const read = async (server: Client, id: string): Promise<Reply> => {
  const patient = await server.patient(PATIENT, CPR);
  return server.get(`/fhir/Basic/${id}`, { pattern: '2.2.2', patient });
};

export const treatmentRelation: Theme = (open) => {
  describe('Basic treatment-relation ↔ BRS', () => {
    const server = useServer(open);

    it('asks BRS with an ID card of the STS and stores question and answer', async () => {
      const made = await server.post('/fhir/Basic', basic());
      expect([made.status, etagIn(made)]).toEqual([201, 'W/"1"']);
      const resource = resourceIn(made, 'Basic');
      expect(resource.subject).toMatchObject({
        reference: `Patient/${await server.patient(PATIENT, CPR)}`,
        type: 'Patient',
      });
      // The practice billed three weeks late: today the relation is known.
      expect([result(resource, 'sufficient-relation')?.valueBoolean, code(made, 'actual-relation')]).toEqual([
        true,
        'A',
      ]);
      const systems = (await server.exchanges()).map(({ system }) => system);
      expect(systems.toSorted()).toEqual(['brs', 'sts']);
      const [exchange] = await server.exchanges('brs');
      expect(exchange?.request.body).toContain('<ds:SignatureValue>***</ds:SignatureValue>');
      expect(exchange?.request.body).not.toContain(PATIENT);
      const again = await read(server, idIn(made));
      expect([again.status, resourceIn(again, 'Basic')]).toEqual([200, resource]);
    });

    it('needs one STS call for many questions', async () => {
      for (const value of ['one', 'two', 'three']) {
        const made = await server.post(
          '/fhir/Basic',
          basic({}, { identifier: [{ system: REFERENCE, value }] }),
        );
        expect(made.status).toBe(201);
      }
      const systems = (await server.exchanges()).map(({ system }) => system);
      expect(systems.toSorted()).toEqual(['brs', 'brs', 'brs', 'sts']);
    });

    it('repeats a create with the same X-Request-ID as one, asked once', async () => {
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      const [one, two] = [
        await server.post('/fhir/Basic', basic(), call),
        await server.post('/fhir/Basic', basic(), call),
      ];
      expect([two.status, two.json]).toEqual([201, one.json]);
      expect(await server.exchanges('brs')).toHaveLength(1);
    });

    it('a lost answer is 504, settled by asking again with the same reference, and an alarm counts once', async () => {
      await server.fault('brs', 'lost-reply');
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      const question = asked(14);
      const lost = await server.post('/fhir/Basic', question, call);
      expect([lost.status, issuesOf(lost)[0]?.code]).toEqual([504, 'transient']);
      const settled = await server.post('/fhir/Basic', question, call);
      expect([settled.status, code(settled, 'followup-state')]).toEqual([201, 'ordered']);
      const references = (await server.exchanges('brs')).map(
        ({ request }) => /<[^>]*ExternalReferenceId[^>]*>([^<]*)</.exec(request.body)?.[1],
      );
      expect(references).toEqual(['facade-000001', 'facade-000001']);
      await server.advance(15 * DAY);
      const alarmed = await read(server, idIn(settled));
      expect([code(alarmed, 'followup-state'), etagIn(alarmed)]).toEqual(['alarmed', 'W/"2"']);
      const alarms = resourceIn(alarmed, 'Basic').extension?.filter(({ url }) => url.endsWith('/alarm'));
      expect(alarms).toHaveLength(1);
    });

    it.each([
      [`code=${KIND}&followup-state=not-ordered`, 1],
      [`code=${KIND}&followup-state=alarmed`, 0],
      [`code=${KIND}&sufficient-relation=true`, 1],
      [`code=${KIND}&sufficient-relation=false`, 0],
      [`code=${KIND}&actual-relation=A`, 1],
      [`code=${KIND}&lookup-interval=2026-03-03`, 1],
      [`code=${KIND}&lookup-interval=gt2026-03-04`, 0],
      [`code=${KIND}&organization:identifier=${encodeURIComponent(`${YDER}|012345`)}`, 1],
      [`code=${KIND}&identifier=${encodeURIComponent(`${REFERENCE}|facade-000001`)}`, 1],
      ['code=treatment-relation', 1],
    ])('is searched by %s', async (query, found) => {
      const made = await server.post('/fhir/Basic', basic());
      const patient = await server.patient(PATIENT, CPR);
      const reply = await server.get(`/fhir/Basic?${query}`, { pattern: '2.2.2', patient });
      expect([reply.status, idsIn(reply)]).toEqual([200, found === 1 ? [idIn(made)] : []]);
    });

    it('is searched by patient, and by practitioner in a form', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const patient = await server.patient(PATIENT, CPR);
      const options = { pattern: '2.2.2', patient } as const;
      const byPatient = await server.get(`/fhir/Basic?code=${KIND}&patient=Patient/${patient}`, options);
      expect(idsIn(byPatient)).toEqual([idIn(made)]);
      const named = { code: 'treatment-relation', 'practitioner:identifier': `${CPR}|${CLINICIAN}` };
      const byPractitioner = await server.search('Basic', named, options);
      expect(idsIn(byPractitioner)).toEqual([idIn(made)]);
      expect(resourceIn(byPractitioner, 'Bundle').link?.[0]?.url).not.toContain(CLINICIAN);
      const other = { ...named, 'practitioner:identifier': `${CPR}|2401010001` };
      expect(idsIn(await server.search('Basic', other, options))).toEqual([]);
      const inUrl = await server.get(
        `/fhir/Basic?code=${KIND}&practitioner:identifier=${encodeURIComponent(`${CPR}|${CLINICIAN}`)}`,
        options,
      );
      expect([inUrl.status, issuesOf(inUrl)[0]?.code]).toEqual([400, 'security']);
      expect(inUrl.text).not.toContain(CLINICIAN);
    });

    it('under a search that says no code: the strictest pattern, and what the role may see', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const patient = await server.patient(PATIENT, CPR);
      const bare = await server.get('/fhir/Basic', { pattern: '2.2.1' });
      expect(bare.status).toBe(400);
      const found = await server.get('/fhir/Basic', { pattern: '2.2.2', patient });
      expect([found.status, idsIn(found)]).toEqual([200, [idIn(made)]]);
    });

    it('is led to from its patient, and from an organisation never by another role', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const patient = await server.patient(PATIENT, CPR);
      const found = await server.get(`/fhir/Patient?_id=${patient}&_revinclude=Basic:patient`, { patient });
      const included = (resourceIn(found, 'Bundle').entry ?? []).filter(
        ({ search }) => search?.mode === 'include',
      );
      expect(included.map(({ resource }) => resource?.id)).toEqual([idIn(made)]);
      const closed = await server.get('/fhir/Organization?_revinclude=Basic:organization', {
        as: 'pharmacist',
      });
      expect(closed.status).toBe(403);
    });

    it('pages, with the kind in the link, because it decides the header rules', async () => {
      for (const value of ['one', 'two', 'three']) {
        await server.post('/fhir/Basic', basic({}, { identifier: [{ system: REFERENCE, value }] }));
      }
      const patient = await server.patient(PATIENT, CPR);
      const options = { pattern: '2.2.2', patient } as const;
      const seen: string[] = [];
      let path: string | undefined = `/fhir/Basic?code=${KIND}&_count=2`;
      while (path !== undefined) {
        const page: Reply = await server.get(path, options);
        expect(page.status).toBe(200);
        seen.push(...idsIn(page));
        const next = resourceIn(page, 'Bundle').link?.find(({ relation }) => relation === 'next')?.url;
        path = next === undefined ? undefined : next.slice(next.indexOf('/fhir/'));
      }
      expect(new Set(seen).size).toBe(3);
    });

    it('is answered by $evaluate-treatment-relation, and nothing is stored', async () => {
      const patient = await server.patient(PATIENT, CPR);
      const evaluated = await server.post(
        '/fhir/Basic/$evaluate-treatment-relation',
        { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: basic(NO_FOLLOWUP) }] },
        { patient },
      );
      expect(evaluated.status).toBe(200);
      const resource = resourceIn(evaluated, 'Basic');
      expect([resource.id, resource.meta]).toEqual([undefined, undefined]);
      expect(result(resource, 'sufficient-relation')?.valueBoolean).toBe(true);
      const found = await server.get(`/fhir/Basic?code=${KIND}`, { pattern: '2.2.2', patient });
      expect(idsIn(found)).toEqual([]);
    });

    it('$evaluate-treatment-relation orders no follow-up, and keeps to X-PatientRef', async () => {
      const patient = await server.patient(PATIENT, CPR);
      const ordering = await server.post('/fhir/Basic/$evaluate-treatment-relation', basic(), { patient });
      expect([ordering.status, findingCodes(ordering)]).toEqual([422, ['followup-not-here']]);
      const another = await server.patient('2401010001', CPR);
      const other = await server.post('/fhir/Basic/$evaluate-treatment-relation', basic(NO_FOLLOWUP), {
        patient: another,
      });
      expect(other.status).toBe(403);
      expect(await server.exchanges('brs')).toEqual([]);
    });

    it('$preview shows the envelope with the place of the card marked, and sends nothing', async () => {
      const shown = await server.post('/fhir/Basic/$preview', basic());
      expect(shown.status).toBe(200);
      const [system, request] = resourceIn(shown, 'Parameters').parameter ?? [];
      const part = (name: string) => request?.part?.find((one) => one.name === name);
      expect(system?.valueString).toBe('brs');
      expect(part('body')?.valueString).toContain('<!-- ID card issued by the STS');
      expect(await server.exchanges()).toEqual([]);
    });

    it.each([
      ['letters in a CPR number', {}, { subject: { identifier: { system: CPR, value: '251248999A' } } }],
      [
        'an organisation without an identifier that BRS knows',
        {
          organisation: {
            ...FIELDS.organisation,
            valueReference: { identifier: { system: 'http://cvr.dk', value: '12345674' } },
          },
        },
        {},
      ],
      [
        'an interval that ends before it starts',
        {
          interval: {
            ...FIELDS.interval,
            valuePeriod: { start: '2026-03-03T16:00:00+01:00', end: '2026-03-03T08:00:00+01:00' },
          },
        },
        {},
      ],
      [
        'an unknown category',
        { minimum: { ...FIELDS.minimum, valueCoding: { ...FIELDS.minimum.valueCoding, code: 'Z' } } },
        {},
      ],
    ] as const)('%s: refused, nothing sent, no number repeated', async (_, changes, more) => {
      const refused = await server.post('/fhir/Basic', basic(changes, more));
      expect([400, 422]).toContain(refused.status);
      expect(refused.text).not.toContain('251248999A');
      expect(await server.exchanges()).toEqual([]);
    });

    it('a role that BRS does not serve is refused: 403', async () => {
      for (const as of ['pharmacist', 'system'] as const) {
        const refused = await server.post('/fhir/Basic', basic(), { as });
        expect([as, refused.status]).toEqual([as, 403]);
      }
      expect(await server.exchanges()).toEqual([]);
    });

    it.each([
      ['brs', 'not-authorized', 403],
      ['brs', 'processing-problem', 502],
      ['brs', 'garbage', 502],
      ['sts', 'reset', 503],
      ['sts', 'http-503', 502],
    ])('%s %s answers %s, and never a CPR number', async (system, kind, status) => {
      await server.fault(system, kind, 10);
      const refused = await server.post('/fhir/Basic', basic(NO_FOLLOWUP));
      expect([kind, refused.status]).toEqual([kind, status]);
      expect(refused.text).not.toMatch(/\d{10}/);
    });

    it('an answer is a dated fact: only meta, text and language change', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const path = `/fhir/Basic/${idIn(made)}`;
      const resource = resourceIn(made, 'Basic');
      const tagged = await server.put(path, {
        ...resource,
        meta: { ...resource.meta, tag: [{ system: 'https://exempel.example/tags', code: 'seen' }] },
      });
      expect([tagged.status, etagIn(tagged)]).toEqual([200, 'W/"2"']);
      const edited = await server.put(path, { ...resourceIn(tagged, 'Basic'), created: '2020-01-01' });
      expect([edited.status, findingCodes(edited)]).toEqual([422, ['update-not-supported']]);
      const other = { coding: [{ system: BASIC_KIND, code: 'foces-whitelisting' }] };
      const kind = await server.put(path, { ...resourceIn(tagged, 'Basic'), code: other });
      expect([kind.status, issuesOf(kind)[0]?.expression]).toEqual([422, ['Basic.code']]);
      expect((await server.delete(path)).status).toBe(204);
      expect((await read(server, idIn(made))).status).toBe(410);
      expect(await server.exchanges('brs')).toHaveLength(1);
    });

    it('is in the history of the patient’s Basic, never in another’s', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const another = await server.patient('2401010001', CPR);
      const refused = await server.get(`/fhir/Basic/${idIn(made)}`, { pattern: '2.2.2', patient: another });
      expect(refused.status).toBe(403);
      const asPharmacist = await server.get(`/fhir/Basic/${idIn(made)}`, {
        as: 'pharmacist',
        pattern: '2.2.2',
        patient: another,
      });
      // To who may read none of them it is not there.
      expect(asPharmacist.status).toBe(404);
    });

    it('the organisation may be one of the directory, by reference', async () => {
      const made = await server.post(
        '/fhir/Basic',
        basic({
          organisation: {
            ...FIELDS.organisation,
            valueReference: { reference: 'Organization/eksempel-laegehus' },
          },
        }),
      );
      expect(made.status).toBe(201);
      const used = result(resourceIn(made, 'Basic'), 'organisation-identifier-used')?.valueIdentifier;
      expect(used?.value).toBeDefined();
      expect(used?.system).not.toBe('http://cvr.dk');
    });
  });

  describe('Follow-ups of BRS', () => {
    const server = useServer(open);

    it('the four-week story: ordered, an alarm at the deadline, seen in the history', async () => {
      const made = await server.post('/fhir/Basic', asked(28));
      expect([made.status, code(made, 'followup-state')]).toEqual([201, 'ordered']);
      const id = idIn(made);
      await server.advance(27 * DAY);
      expect(code(await read(server, id), 'followup-state')).toBe('ordered');
      await server.advance(2 * DAY);
      const alarmed = await read(server, id);
      expect([code(alarmed, 'followup-state'), etagIn(alarmed)]).toEqual(['alarmed', 'W/"2"']);
      const patient = await server.patient(PATIENT, CPR);
      const history = resourceIn(
        await server.get(`/fhir/Basic/${id}/_history`, { pattern: '2.2.2', patient }),
        'Bundle',
      );
      expect(history.entry?.map(({ request }) => request?.method)).toEqual(['PUT', 'POST']);
      const found = await server.get(`/fhir/Basic?code=${KIND}&followup-state=alarmed`, {
        pattern: '2.2.2',
        patient,
      });
      expect(idsIn(found)).toEqual([id]);
    });

    it('$poll-notifications fetches them now, for role system alone', async () => {
      const made = await server.post('/fhir/Basic', asked(1 / 24));
      const refused = await server.post('/fhir/Basic/$poll-notifications', undefined);
      expect(refused.status).toBe(403);
      const early = await server.post('/fhir/Basic/$poll-notifications', undefined, { as: 'system' });
      expect(early.status).toBe(200);
      expect(resourceIn(early, 'Parameters').parameter?.[0]).toEqual({ name: 'received', valueInteger: 0 });
      await server.advance(2 * HOUR);
      const again = await server.post('/fhir/Basic/$poll-notifications', undefined, { as: 'system' });
      // The move of the clock has polled already: nothing is counted twice.
      expect(resourceIn(again, 'Parameters').parameter?.[1]).toEqual({ name: 'alarmed', valueInteger: 0 });
      expect(code(await read(server, idIn(made)), 'followup-state')).toBe('alarmed');
    });
  });

  describe('BRS_ASKING=own', () => {
    const server = useServer(open, { BRS_ASKING: 'own' });

    it('a personal role asks about itself and its own organisation, else 403 before any call', async () => {
      const refused = await server.post('/fhir/Basic', basic());
      expect(refused.status).toBe(403);
      expect(await server.exchanges()).toEqual([]);
    });
  });
};
