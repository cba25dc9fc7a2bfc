import { failure } from '../failure.ts';
import { fail, ok } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Call, Handler } from './call.ts';
import type { Server } from './server.ts';
import { notFound, refuseUnlessVisible } from './visible.ts';

/** Absolute URL of one version. */
export const versionUrl = (call: Call, version: Pick<StoredVersion, 'type' | 'id' | 'version'>): string =>
  `${call.base}/${version.type}/${version.id}/_history/${version.version}`;

const gone = (type: string) => failure('gone', 'deleted', `This ${type} was deleted; its history remains.`);

/** https://hl7.org/fhir/R4/http.html#read */
export const read =
  (server: Server): Handler =>
  async (call, trace) => {
    const { type } = call.entry;
    const stored = await server.repository.read(type, call.id ?? '');
    if (stored === undefined) return fail(notFound(type));
    if (stored.patient !== null) trace.patient = stored.patient;
    const refused = await refuseUnlessVisible(server, call, stored);
    if (refused !== undefined) return fail(refused);
    if (stored.deleted) return fail(gone(type));
    const fresh =
      server.refresh === undefined || stored.checkedAt === null
        ? ok(stored)
        : await server.refresh.version(stored, call.values.requestId ?? '');
    if (!fresh.ok) return fresh;
    const version = fresh.value;
    if (version.deleted) return fail(gone(type));
    trace.version = version.version;
    return ok({
      kind: 'ok',
      json: version.content,
      version,
      url: versionUrl(call, version),
      confidential: call.entry.confidential,
    });
  };

/** https://hl7.org/fhir/R4/http.html#vread */
export const vread =
  (server: Server): Handler =>
  async (call, trace) => {
    const { type } = call.entry;
    const number = /^[1-9]\d{0,9}$/.test(call.versionId ?? '') ? Number(call.versionId) : undefined;
    const version =
      number === undefined ? undefined : await server.repository.vread(type, call.id ?? '', number);
    if (version === undefined) {
      return fail(failure('not-found', 'not-found', `There is no such version of a ${type} with this id.`));
    }
    if (version.patient !== null) trace.patient = version.patient;
    const refused = await refuseUnlessVisible(server, call, version);
    if (refused !== undefined) return fail(refused);
    trace.version = version.version;
    if (version.deleted) return fail(gone(type));
    return ok({
      kind: 'ok',
      json: version.content,
      version,
      url: versionUrl(call, version),
      confidential: call.entry.confidential,
    });
  };
