import { expect, it } from 'vitest';
import { checkUserCards } from '../../../src/systems/fmk/user-cards.ts';
import { fmkWorld } from './fmk-world.ts';
import { KARL, SIGNE } from './samples.ts';

it('the keys of FMK_USER_CARDS are tried at the start; a fault names the entry, and neither number nor key', async () => {
  const { sts } = await fmkWorld();
  const { certificate, privateKey: key } = await sts.holder('12345674', 'Eksempel Apotek', 'fhir-facade');
  const user = (cpr: string) => ({ cpr, givenName: 'Karl', surName: 'Karlsen', role: 'Apoteksansat' });
  const good = { user: user(SIGNE), certificate, key };
  const algorithm = 'rsa-sha256';
  expect(await checkUserCards([], { algorithm })).toEqual({ ok: true, value: undefined });
  expect(await checkUserCards([good], { algorithm })).toEqual({ ok: true, value: undefined });
  const pem = '-----BEGIN PRIVATE KEY-----\nSECRETKEY\n-----END PRIVATE KEY-----';
  for (const bad of [
    { ...good, key: pem },
    { ...good, certificate: 'SECRETC' },
  ]) {
    const failed = await checkUserCards([good, { ...bad, user: user(KARL) }], { algorithm });
    expect(failed.ok ? '' : failed.failure).toMatch(/^FMK_USER_CARDS: entry 2 [^.]*\.$/);
    expect(JSON.stringify(failed)).not.toMatch(new RegExp(`SECRET|${KARL}|${SIGNE}`));
  }
});
