import type { Basic, Extension, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { expect } from 'vitest';
import further from '../../profiles/examples/Basic-efrikort-further-region.json' with { type: 'json' };
import production from '../../profiles/examples/Basic-efrikort-production.json' with { type: 'json' };
import test from '../../profiles/examples/Basic-efrikort-test.json' with { type: 'json' };
import type { CallOptions, Client } from './client.ts';
import { idIn, issuesOf, type Reply, resourceIn } from './reply.ts';

export const DAY = 86_400_000;
export const SYSTEM = { as: 'system' } as const;

const URL = 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/';
const EXAMPLES = { test, production, further };

/** An example as a client sends it. */
export const connection = (
  name: keyof typeof EXAMPLES,
  change: (basic: Basic) => Basic = (one) => one,
): Basic => {
  const { id: _id, ...basic } = EXAMPLES[name] as Basic;
  return change(basic);
};

export const withExtension =
  (name: string, value: Omit<Extension, 'url'>) =>
  (basic: Basic): Basic => ({
    ...basic,
    extension: [
      ...(basic.extension ?? []).filter(({ url }) => url !== URL + name),
      { url: URL + name, ...value },
    ],
  });

export const ofRegion =
  (value: string, display: string) =>
  (basic: Basic): Basic => ({
    ...basic,
    subject: { identifier: { system: 'urn:oid:1.2.752.29.4.19', value }, display },
  });

export const withContact =
  (part: { readonly name?: string; readonly email?: string }) =>
  (basic: Basic): Basic => ({
    ...basic,
    contained: (basic.contained ?? []).map((one) =>
      one.resourceType === 'Practitioner'
        ? {
            ...one,
            ...(part.name === undefined ? {} : { name: [{ text: part.name }] }),
            ...(part.email === undefined
              ? {}
              : {
                  telecom: (one.telecom ?? []).map((telecom) =>
                    telecom.system === 'email' ? { ...telecom, value: part.email ?? '' } : telecom,
                  ),
                }),
          }
        : one,
    ),
  });

export const parameters = (...parameter: ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  parameter,
});

export const APPROVAL = parameters(
  { name: 'evidence', valueAttachment: { contentType: 'message/rfc822', data: 'SGVqIQ==' } },
  { name: 'approver', valueString: 'Vera Exempel, regionen' },
  { name: 'written', valueBoolean: true },
);

export const RESEND = parameters({ name: 'resend', valueBoolean: true });
export const BY_HAND = parameters({ name: 'sentByHand', valueBoolean: true });

export const extensionsOf = (basic: Basic, name: string): readonly Extension[] =>
  (basic.extension ?? []).filter(({ url }) => url === URL + name);

export const stateOf = (basic: Basic): string | undefined =>
  extensionsOf(basic, 'connection-state')[0]?.valueCoding?.code;

const part = (event: Extension, url: string): Extension | undefined =>
  event.extension?.find((one) => one.url === url);

/** `state`, or `state kind` of what is no transition, oldest first. */
export const eventsOf = (basic: Basic): readonly string[] =>
  extensionsOf(basic, 'event').map((event) => {
    const kind = part(event, 'kind')?.valueCode;
    const state = part(event, 'state')?.valueCoding?.code ?? '';
    return kind === undefined ? state : `${state} ${kind}`;
  });

export const lastNote = (basic: Basic): string => {
  const event = extensionsOf(basic, 'event').at(-1);
  return (event === undefined ? undefined : part(event, 'note')?.valueString) ?? '';
};

/** The connection in an answer: itself, or the `resource` of Parameters. */
export const basicIn = (reply: Reply): Basic => {
  if (reply.json !== undefined && 'resourceType' in reply.json && reply.json.resourceType === 'Basic') {
    return resourceIn(reply, 'Basic');
  }
  const found = resourceIn(reply, 'Parameters').parameter?.find(({ name }) => name === 'resource')?.resource;
  if (found?.resourceType === 'Basic') return found;
  throw new Error(`no connection was answered: ${reply.status} ${reply.text.slice(0, 500)}`);
};

export const textOf = (base64: string | undefined): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64 ?? ''), (letter) => letter.charCodeAt(0)));

export interface Mail {
  readonly messageId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly raw: string;
}

/** What a test does with connections. */
export const connections = (server: Client) => {
  const read = async (id: string): Promise<Basic> =>
    resourceIn(await server.get(`/fhir/Basic/${id}`, SYSTEM), 'Basic');
  const run = (id: string, operation: string, body?: unknown, options: CallOptions = {}): Promise<Reply> =>
    server.post(`/fhir/Basic/${id}/$${operation}`, body, { ...SYSTEM, ...options });
  const done = async (id: string, operation: string, body?: unknown): Promise<Basic> => {
    const reply = await run(id, operation, body);
    expect([operation, reply.status, reply.text.slice(0, 400)]).toEqual([operation, 200, expect.any(String)]);
    return basicIn(reply);
  };
  const create = async (basic: Basic = connection('test')): Promise<string> =>
    idIn(await server.post('/fhir/Basic', basic, SYSTEM));
  const mails = async (): Promise<readonly Mail[]> => {
    const { json } = await server.get('/sandbox/mails', { as: null });
    return json as unknown as readonly Mail[];
  };
  const answer = (messageId: string, words: string): Promise<Reply> =>
    server.post(`/sandbox/mails/${encodeURIComponent(messageId)}/answer`, { answer: words }, { as: null });
  /** From a draft to a passed TEST. */
  const passTest = async (basic: Basic = connection('test')): Promise<string> => {
    const id = await create(basic);
    await done(id, 'submit');
    await done(id, 'region-approve', APPROVAL);
    await done(id, 'grant', APPROVAL);
    await done(id, 'test-passed');
    return id;
  };
  return { read, run, done, create, mails, answer, passTest };
};

/** `status code` of each error, by the project's own codes. */
export const refusal = (reply: Reply): readonly (string | number | undefined)[] => [
  reply.status,
  ...issuesOf(reply)
    .filter(({ severity }) => severity === 'error')
    .map(({ detail }) => detail),
];
