import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { addressesIn } from '../../src/mail/address.ts';
import { CERTIFICATE } from '../systems/efrikort/fixture-certificate.ts';
import {
  APPROVAL,
  connection,
  connections,
  ofRegion,
  parameters,
  refusal,
  SYSTEM,
  stateOf,
  withContact,
  withExtension,
} from './efrikort-fixtures.ts';
import { issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const HALLAND = ofRegion('SE2321000115-O00001', 'Region Halland');
/** In no list that comes with the server. */
const SKANE = ofRegion('SE2321000255-O00001', 'Region Skåne');

const WARNED = { ...SYSTEM, headers: { Prefer: 'return=OperationOutcome' } };

const warnings = (reply: Reply): readonly (string | undefined)[] =>
  resourceIn(reply, 'OperationOutcome')
    .issue.filter(({ severity }) => severity === 'warning')
    .map(({ details }) => details?.coding?.[0]?.code);

export const efrikort: Theme = (open) => {
  describe('an eFrikort connection that cannot be as it is sent', () => {
    const server = useServer(open);
    const { run, create, done, mails, passTest } = connections(server);

    it.each<[string, (basic: Basic) => Basic, string]>([
      [
        'a line break in the system’s name',
        withExtension('integrating-system', { valueString: 'Journal\r\nBcc: x@y.example' }),
        'control-character',
      ],
      ['one in the contact’s name', withContact({ name: 'Alva\nBcc: x@y.example' }), 'control-character'],
      [
        'one in the contact’s address',
        withContact({ email: 'a@b.example\r\nBcc: x@y.example' }),
        'control-character',
      ],
      [
        'one in the serial number',
        withExtension('certificate-serial-number', { valueString: 'SE5599990016-EX01\rBcc: x@y.example' }),
        'control-character',
      ],
      [
        'one in a care provider',
        withExtension('care-provider', { valueString: 'A\nB' }),
        'control-character',
      ],
      [
        'one in the region’s name',
        ofRegion('SE2321000255-O00001', 'Skåne\r\nBcc: x@y.example'),
        'control-character',
      ],
      ['an address that is none', withContact({ email: 'alva.exempel' }), 'contact-email-malformed'],
      ['no HSA-id', ofRegion('Region Halland', 'Region Halland'), 'region-hsa-id'],
      [
        'an environment of its own',
        withExtension('environment', {
          valueCoding: {
            system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/efrikort-environment',
            code: 'QA',
          },
        }),
        'environment-unknown',
      ],
      [
        'another serial number than its certificate',
        (basic) =>
          withExtension('certificate-serial-number', { valueString: 'SE5599990016-EX02' })(
            withExtension('certificate', {
              valueAttachment: { contentType: 'application/x-pem-file', data: btoa(CERTIFICATE) },
            })(basic),
          ),
        'certificate-contradicts',
      ],
    ])('is refused: %s', async (_what, change, code) => {
      const refused = await server.post('/fhir/Basic', connection('test', change), SYSTEM);
      expect([400, 422]).toContain(refused.status);
      expect(issuesOf(refused).map(({ detail }) => detail)).toContain(code);
      expect(refused.text).not.toContain('x@y.example');
      expect(await mails()).toEqual([]);
    });

    it('is taken with a warning when its certificate is of another issuer', async () => {
      const certificate = { contentType: 'application/x-pem-file', data: btoa(CERTIFICATE) };
      const basic = connection('test', withExtension('certificate', { valueAttachment: certificate }));
      const made = await server.post('/fhir/Basic', basic, WARNED);
      expect([made.status, warnings(made)]).toEqual([201, ['certificate-not-siths']]);
      expect(JSON.stringify(await server.exchanges())).not.toContain('CERTIFICATE');
    });

    it.each([
      ['without a contact', HALLAND, ['region-contact-missing']],
      ['that nobody knows', SKANE, ['region-unknown', 'region-contact-missing']],
    ])(
      'warns at once of a region %s, and is not sent: what the operator must load is said',
      async (_what, of, told) => {
        const made = await server.post('/fhir/Basic', connection('test', of), WARNED);
        expect([made.status, warnings(made)]).toEqual([201, told]);
        expect(made.text).toContain('npm run regions -- import FILE');
        const id = made.headers.get('Location')?.split('/').at(-3) ?? '';
        for (const refused of [
          await run(id, 'submit'),
          await server.get(`/fhir/Basic/${id}/$mail`, SYSTEM),
          await server.post('/fhir/Basic/$preview', connection('test', of), SYSTEM),
        ]) {
          expect(refusal(refused)).toEqual([422, 'region-contact-missing']);
          expect(refused.text).toContain('npm run regions -- import FILE');
        }
        expect(await mails()).toEqual([]);
      },
    );

    it('says no other address in Reply-To, whatever the name of its contact', async () => {
      const id = await create(connection('test', withContact({ name: 'Åsa <x@y.example>, x@y.example' })));
      await done(id, 'submit');
      const [mail] = await mails();
      expect(addressesIn(/^Reply-To:.*(?:\r\n .*)*/m.exec(mail?.raw ?? '')?.[0] ?? '')).toEqual([
        'alva.exempel@exempelsystem.example',
      ]);
    });

    it('is told what to do in the body alone: in the URL a word might be passed over', async () => {
      const id = await create();
      const misplaced = await server.post(`/fhir/Basic/${id}/$submit?sentByHand=true`, undefined, SYSTEM);
      expect([misplaced.status, issuesOf(misplaced)[0]?.location]).toEqual([400, ['http.sentByHand']]);
      expect(await mails()).toEqual([]);
      const shown = await server.post(`/fhir/Basic/${id}/$submit?_pretty=true`, undefined, SYSTEM);
      expect(shown.status).toBe(200);
    });

    it('has no mail without a contact person, once the person was taken out', async () => {
      const id = await create();
      await done(id, 'submit');
      const sent = resourceIn(await server.get(`/fhir/Basic/${id}`, SYSTEM), 'Basic');
      const { author: _author, contained: _contained, ...without } = sent;
      expect((await server.put(`/fhir/Basic/${id}`, without, SYSTEM)).status).toBe(200);
      expect(refusal(await server.get(`/fhir/Basic/${id}/$mail`, SYSTEM))).toEqual([422, 'contact-missing']);
    });

    it('needs an approval in writing, of its own region', async () => {
      const id = await create();
      await done(id, 'submit');
      const approver = { name: 'approver', valueString: 'Vera Exempel' };
      const written = { name: 'written', valueBoolean: true };
      const other = {
        name: 'region',
        valueIdentifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE2321000040-AAAA' },
      };
      const approve = (...given: Parameters<typeof parameters>) =>
        run(id, 'region-approve', parameters(...given));
      expect(refusal(await run(id, 'region-approve'))).toEqual([422, 'not-in-writing', 'approver-missing']);
      expect(refusal(await approve(approver, { ...written, valueBoolean: false }))).toEqual([
        422,
        'not-in-writing',
      ]);
      expect(refusal(await approve(approver, written, other))).toEqual([422, 'approval-other-region']);
      const mailbox = { ...approver, valueString: 'Vera <se2321000040-aaaa@region.example>' };
      expect(refusal(await approve(mailbox, written))).toEqual([422, 'approval-other-region']);
      expect(refusal(await run(id, 'grant', APPROVAL))).toEqual([422, 'transition-not-allowed']);
      expect(stateOf(await done(id, 'region-approve', APPROVAL))).toBe('region-approved');
    });

    it('is told of every fault of the parameters at once, and of a body that is none', async () => {
      const id = await create();
      const given = parameters({ name: 'colour', valueString: 'red' }, { name: 'note', valueInteger: 1 });
      expect(refusal(await run(id, 'cancel', given))).toEqual([
        422,
        'parameter-unknown',
        'parameter-malformed',
      ]);
      expect((await run(id, 'cancel', connection('test'))).status).toBe(400);
      expect((await run(id, 'cancel', '{')).status).toBe(400);
      expect((await run(id, 'cancel', { resourceType: 'Parameters', colour: 'red' })).status).toBe(400);
      expect(stateOf(await done(id, 'cancel'))).toBe('cancelled');
    });

    it('is a further region’s only where the system is connected already', async () => {
      const further = connection('further', ofRegion('SE2321000040-AAAA', 'Region Östergötland'));
      const id = await create(further);
      expect(refusal(await run(id, 'submit'))).toEqual([422, 'no-connection-yet']);
      await passTest();
      expect(stateOf(await done(id, 'submit'))).toBe('requested');
    });
  });
};
