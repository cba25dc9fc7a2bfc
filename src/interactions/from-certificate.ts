import type { Parameters } from '@medplum/fhirtypes';
import { type Failure, failure, type Issue } from '../failure.ts';
import { readBytes } from '../http/body.ts';
import { operationOutcome } from '../http/outcome.ts';
import { fail, ok, type Result } from '../result.ts';
import { parseBody, readText } from './body.ts';
import type { Handler } from './call.ts';
import type { Server } from './server.ts';

/** What a certificate tells, and the warnings about it. */
export type Told = Result<{ readonly parameters: Parameters; readonly issues: readonly Issue[] }, Failure>;

/** Reads certificates; `now` in milliseconds. */
export interface CertificateReader {
  readonly ofFile: (bytes: Uint8Array<ArrayBuffer>, now: number) => Told;
  readonly ofParameters: (parameters: Parameters, now: number) => Told;
}

/** Media types of a certificate file sent as it is. */
const FILE =
  /^(?:application\/(?:x-pem-file|pem-certificate-chain|pkix-cert|x-x509-(?:ca|user)-cert|octet-stream)|text\/plain)\b/i;

/**
 * `Organization/$from-certificate`: what a certificate file tells, as Parameters. The file itself, or Parameters with
 * one `certificate`. Nothing of it is stored or logged.
 */
export const fromCertificateFile =
  (server: Server, reader: CertificateReader): Handler =>
  async (call) => {
    const now = server.clock();
    const told = await read(server, call.request, reader, now);
    if (!told.ok) return told;
    const { parameters, issues } = told.value;
    const all: Parameters = {
      ...parameters,
      parameter: [
        ...(parameters.parameter ?? []),
        ...(issues.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(issues) }]),
      ],
    };
    return ok({ kind: 'ok', json: JSON.stringify(all), confidential: false });
  };

const read = async (
  server: Server,
  request: Request,
  reader: CertificateReader,
  now: number,
): Promise<Told> => {
  if (FILE.test(request.headers.get('content-type') ?? '')) {
    const bytes = await readBytes(request, server.bodies.maxBody);
    return bytes.ok ? reader.ofFile(bytes.value, now) : bytes;
  }
  const text = await readText(server.bodies, request);
  const parsed = text.ok ? parseBody(server.bodies, text.value) : text;
  if (!parsed.ok) return parsed;
  const faults = server.validate(parsed.value).filter(({ severity }) => severity === 'error');
  if (!isParameters(parsed.value) || faults.length > 0) {
    const how =
      'Send the certificate file (PEM or DER) with its media type, or Parameters with one parameter certificate.';
    return faults.length > 0 && isParameters(parsed.value)
      ? fail({ kind: 'malformed', issues: faults })
      : fail(failure('malformed', 'value', how, { expression: ['resourceType'] }));
  }
  return reader.ofParameters(parsed.value, now);
};

const isParameters = (body: object): body is Parameters =>
  'resourceType' in body && body.resourceType === 'Parameters';
