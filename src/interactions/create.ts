import type { Resource } from '@medplum/fhirtypes';
import { timedUuid } from '../delivery/deps.ts';
import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Plan } from '../systems/system.ts';
import { parseBody, readText } from './body.ts';
import type { Trace } from './call.ts';
import { versionUrl } from './read.ts';
import type { Server } from './server.ts';
import {
  answerOf,
  deliver,
  fingerprintOf,
  orderOf,
  parseStored,
  prepare,
  refuseUnlessMayWrite,
  repeatOf,
  settlePatient,
  type WriteCall,
} from './write.ts';

/** https://hl7.org/fhir/R4/http.html#create */
export const create =
  (server: Server) =>
  async (call: WriteCall, trace: Trace): Promise<Result<Answer, Failure>> => {
    const { entry } = call;
    const rules = entry.write;
    if (rules === undefined) return fail(failure('method-not-allowed', 'not-supported', 'Not writable.'));
    const body = await readText(server.bodies, call.request);
    if (!body.ok) return body;
    const fingerprint = fingerprintOf(call, body.value.text);
    const repeated = await repeatOf(server, call, trace, fingerprint);
    if (repeated !== undefined) return repeated;
    const parsed = parseBody(server.bodies, body.value);
    if (!parsed.ok) return parsed;
    const prepared = await prepare(server, call, rules, parsed.value, (resource) => ({
      interaction: 'create',
      resource: withoutServerElements(resource),
    }));
    if (!prepared.ok) return prepared;
    const { named, plan, issues } = prepared.value;
    const refused = refuseUnlessMayWrite(call, rules, prepared.value.resource, named?.id);
    if (refused !== undefined) return fail(refused);
    call.warnings.push(...issues);
    const settled = await settlePatient(server, rules, named, plan.resource ?? prepared.value.resource);
    return place(server, call, trace, { rules, plan, fingerprint, ...settled });
  };

interface Placement {
  readonly rules: WriteRules;
  readonly plan: Plan<Resource>;
  readonly fingerprint: string;
  readonly resource: Resource;
  readonly patient?: string;
}

/** R4: "If an id is provided, the server SHALL ignore it"; so with versionId and lastUpdated. */
const withoutServerElements = (resource: Resource): Resource => {
  const { id: _, meta, ...rest } = resource;
  if (meta === undefined) return rest;
  const { versionId: _v, lastUpdated: _l, ...kept } = meta;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
};

/**
 * A type with a unique key has at most one live resource of it: an equal one is set again upstream (it may have
 * been changed there) and answered as it is; one with other content is a duplicate, and nothing is sent.
 */
const place = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  placement: Placement,
): Promise<Result<Answer, Failure>> => {
  const { rules, resource } = placement;
  const uniqueKey = rules.uniqueKey?.(resource);
  const live = uniqueKey === undefined ? undefined : await server.repository.liveByKey(uniqueKey);
  if (live === undefined) return store(server, call, trace, placement, uniqueKey);
  trace.id = live.id;
  if (!rules.sameContent(parseStored(live), resource)) {
    return fail(
      failure(
        'conflict',
        'duplicate',
        `${live.type}/${live.id} already holds this with other content; change it with PUT ${versionPath(live)}.`,
        { subject: `${live.type}/${live.id}` },
      ),
    );
  }
  return store(server, call, trace, placement, uniqueKey, live);
};

const versionPath = (version: StoredVersion): string => `/${version.type}/${version.id}`;

const store = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  placement: Placement,
  uniqueKey: string | undefined,
  live?: StoredVersion,
): Promise<Result<Answer, Failure>> => {
  const id = live?.id ?? timedUuid(server.clock());
  const order = orderOf(
    server,
    call,
    trace,
    {
      interaction: live === undefined ? 'create' : 'update',
      type: call.entry.type,
      id,
      resource: { ...placement.resource, id },
      ...(live === undefined ? {} : { base: live }),
      ...(placement.patient === undefined ? {} : { patient: placement.patient }),
      ...(uniqueKey === undefined ? {} : { uniqueKey }),
    },
    // What already is as asked for is a new version only if it changed upstream.
    live === undefined ? placement.plan : { ...placement.plan, onUnchanged: 'keep' },
    placement.fingerprint,
  );
  const delivered = await deliver(server, trace, order);
  if (!delivered.ok) return delivered;
  const answer = answerOf(call, trace, delivered.value);
  return ok({ ...answer, url: versionUrl(call, delivered.value.version) });
};
