import { describe, expect, it } from 'vitest';
import { makeProver } from '../security/token/prover.ts';
import { AUDIENCE, ISSUER, makeSigner } from '../security/token/signer.ts';
import { ORIGIN } from './client.ts';
import { headersFor } from './headers.ts';
import { openOnNode } from './node.ts';
import { replyOf, resourceIn } from './reply.ts';

describe('a Bundle whose token is bound to a DPoP key', () => {
  it.each(['batch', 'transaction'])('a %s needs one proof, made for the base', async (type) => {
    const [signer, prover] = await Promise.all([makeSigner(), makeProver()]);
    const server = await openOnNode({
      SANDBOX: 'on',
      TOKEN_ISSUERS: JSON.stringify([
        {
          issuer: ISSUER,
          audience: [AUDIENCE],
          jwks: { keys: [signer.jwk] },
          algorithms: ['ES256'],
          claims: 'own',
        },
      ]),
    });
    const now = Math.floor(Date.now() / 1000);
    const token = await signer.sign({
      facade_role: 'system',
      scope: 'system/Organization.cruds',
      iat: now,
      exp: now + 600,
      cnf: { jkt: prover.jkt },
    });
    const post = (name: string) => ({
      resource: { resourceType: 'Organization', name },
      request: { method: 'POST', url: 'Organization' },
    });
    const send = async (proof: string) =>
      replyOf(
        await server.fetch(
          new Request(`${ORIGIN}/fhir`, {
            method: 'POST',
            headers: {
              ...headersFor({ method: 'POST', path: '/fhir', role: 'system' }),
              Authorization: `DPoP ${token}`,
              DPoP: proof,
              'Content-Type': 'application/fhir+json',
            },
            body: JSON.stringify({ resourceType: 'Bundle', type, entry: [post('A'), post('B')] }),
          }),
        ),
      );
    const claims = { htm: 'POST', htu: `${ORIGIN}/fhir`, iat: now };
    const reply = await send(await prover.prove(token, claims));
    const statuses = resourceIn(reply, 'Bundle').entry?.map(({ response }) => response?.status);
    expect(statuses).toEqual(['201 Created', '201 Created']);
    const elsewhere = await prover.prove(token, { ...claims, htu: `${ORIGIN}/fhir/Organization` });
    expect((await send(elsewhere)).status).toBe(401);
    await server.close?.();
  });
});
