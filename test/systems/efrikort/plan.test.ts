import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { uniqueKeyOf } from '../../../src/systems/efrikort/model.ts';
import { createEfrikort } from '../../../src/systems/efrikort/system.ts';
import {
  CERTIFICATE,
  CONTEXT,
  codes,
  draft,
  example,
  extension,
  memoryState,
  movedTo,
  NOW,
  SETTINGS,
  stateOf,
  system,
  value,
  withExtension,
} from './fixture.ts';
import { BASE, connection, contact, found, serial, WORKED } from './worked.ts';

describe('a certificate', () => {
  const data = btoa(CERTIFICATE);
  const bare = withExtension(example('test'), 'certificate-serial-number', undefined);
  const given = (basic: Basic, certificate: string) =>
    withExtension(basic, 'certificate', { valueAttachment: { data: certificate } });
  it('gives the serial number, warns when SITHS did not issue it, and is not kept', async () => {
    const facade = await system();
    const { resource, issues } = value(facade.plan({ interaction: 'create', resource: given(bare, data) }));
    expect(resource && extension(resource, 'certificate-serial-number')?.valueString).toBe(
      'SE5599990016-EX01',
    );
    expect(issues.map(({ severity, details }) => `${severity} ${details?.code}`)).toEqual([
      'warning certificate-not-siths',
    ]);
    expect(resource && extension(resource, 'certificate')).toBeUndefined();
  });
  it('of a configured issuer is taken without a word', () => {
    const context = { ...CONTEXT, settings: { ...SETTINGS, certificateIssuers: ['exempelsystem'] } };
    expect(readConnection(given(bare, data), context).issues).toEqual([]);
  });
  it('with another serial number than the one given is refused', () => {
    expect(found(given(serial('SE5599990016-EX02'), data)).join()).toContain(
      'error business-rule certificate-contradicts',
    );
  });
  it('that is out of date is worth a warning', () => {
    const late = { ...CONTEXT, now: Date.parse('2046-01-01') };
    const { issues } = readConnection(given(bare, data), late);
    expect(issues.map(({ details }) => details?.code)).toContain('certificate-not-valid');
  });
  it('with a private key in its data is refused for security, and nothing of it is repeated', () => {
    const key = btoa(`-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n${CERTIFICATE}`);
    const { issues } = readConnection(given(bare, key), CONTEXT);
    expect(issues.map(({ code }) => code)).toContain('security');
    expect(JSON.stringify(issues)).not.toContain('c2VjcmV0');
  });
  it('that is none is refused', () => {
    expect(found(given(bare, 'AAAA')).join()).toContain('error value certificate-unreadable');
  });
});

describe('planning a write', () => {
  it('makes a draft with reference and day, and sends nothing', async () => {
    const facade = await system();
    const planned = value(facade.plan({ interaction: 'create', resource: example('test') }));
    expect(planned.request).toBeUndefined();
    expect(planned.resource?.identifier).toEqual([
      { system: `${BASE}/NamingSystem/efrikort-connection`, value: 'EFK-000001' },
    ]);
    expect(planned.resource?.created).toBe('2026-03-03');
    expect(planned.resource && stateOf(planned.resource)).toBe('draft');
  });
  it('gives a reference of its own, whatever is sent, and none twice', async () => {
    const facade = createEfrikort({ settings: SETTINGS, clock: () => NOW, state: await memoryState('x') });
    const one = draft(facade, 'test', (basic) => ({
      ...basic,
      identifier: [{ system: `${BASE}/NamingSystem/efrikort-connection`, value: 'MINE' }],
    }));
    expect(one.identifier?.[0]?.value).toMatch(/^EFK-[2-9A-HJ-NP-Z]{10}$/);
    expect(draft(facade, 'test').identifier?.[0]?.value).not.toBe(one.identifier?.[0]?.value);
  });
  it('refuses a new connection in another state, or with a past', async () => {
    const facade = await system();
    const state = { valueCoding: { system: `${BASE}/CodeSystem/efrikort-state`, code: 'granted' } };
    expect(
      codes(
        facade.plan({
          interaction: 'create',
          resource: withExtension(example('test'), 'connection-state', state),
        }),
      ),
    ).toContain('state-changed');
    expect(codes(facade.plan({ interaction: 'create', resource: WORKED }))).toEqual(
      expect.arrayContaining(['state-changed', 'events-changed']),
    );
  });
  it('lets a draft change, and what the server wrote stays', async () => {
    const facade = await system();
    const current = draft(facade, 'test');
    const {
      identifier: _,
      created: __,
      ...sent
    } = withExtension(
      withExtension(current, 'integrating-system', { valueString: 'Ny' }),
      'connection-state',
      undefined,
    );
    const { resource } = value(facade.plan({ interaction: 'update', resource: sent, current }));
    expect(resource).toMatchObject({ identifier: current.identifier, created: current.created });
    expect(resource && extension(resource, 'integrating-system')?.valueString).toBe('Ny');
    expect(resource && stateOf(resource)).toBe('draft');
  });
  it('refuses an update of the state, of past events, and of the mail that has gone', async () => {
    const facade = await system();
    const current = await movedTo(facade, draft(facade, 'test'), 'requested');
    const update = (resource: Basic) => codes(facade.plan({ interaction: 'update', resource, current }));
    expect(update(current)).toEqual([]);
    const granted = { valueCoding: { system: `${BASE}/CodeSystem/efrikort-state`, code: 'granted' } };
    expect(update(withExtension(current, 'connection-state', granted))).toContain('state-changed');
    expect(update(withExtension(current, 'event', undefined))).toContain('events-changed');
    expect(update(withExtension(current, 'integrating-system', { valueString: 'Ny' }))).toContain(
      'fields-locked',
    );
  });
  it('lets the contact person change or go after the mail: an event, and nothing is sent', async () => {
    const facade = await system();
    const current = await movedTo(facade, draft(facade, 'test'), 'granted');
    const { contained } = contact({ name: [{ text: 'Bo Exempel' }] });
    const changed = value(
      facade.plan({
        interaction: 'update',
        resource: { ...current, ...(contained && { contained }) },
        current,
      }),
    );
    expect(changed.request).toBeUndefined();
    expect(changed.resource && connection(changed.resource).events.at(-1)).toMatchObject({
      kind: 'contact-changed',
      state: 'granted',
    });
    const { author: _, contained: __, ...without } = current;
    const removed = value(facade.plan({ interaction: 'update', resource: without, current }));
    expect(JSON.stringify(removed.resource)).not.toContain('Alva');
    expect(removed.resource && connection(removed.resource).events).toHaveLength(4);
  });
  it('deletes drafts alone', async () => {
    const facade = await system();
    const current = draft(facade, 'test');
    expect(facade.plan({ interaction: 'delete', current }).ok).toBe(true);
    const refused = facade.plan({
      interaction: 'delete',
      current: await movedTo(facade, current, 'requested'),
    });
    expect(refused.ok ? '' : refused.failure.kind).toBe('conflict');
  });
  it('has one live request for system, certificate, environment and region', () => {
    const one = connection(WORKED);
    expect(uniqueKeyOf(one)).toBe(uniqueKeyOf({ ...one, system: ' exempelJOURNAL ' }));
    for (const other of [
      { ...one, environment: 'PRODUKTION' } as const,
      { ...one, serial: 'SE5599990016-EX02' },
    ]) {
      expect(uniqueKeyOf(other)).not.toBe(uniqueKeyOf(one));
    }
    expect(uniqueKeyOf({ ...one, state: 'cancelled' })).toBeUndefined();
  });
});
