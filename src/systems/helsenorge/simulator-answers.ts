import { jsonResponse } from '../simulation/json.ts';
import type { PvkSimulatorSettings } from './simulator-settings.ts';

/** An error as PVK tells it. Codes `SIM-…` are the simulator's own, where PVK's is not known. */
export interface PvkError {
  readonly status: number;
  readonly code: string;
  /** Never holds anything of the request. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const NOT_FOUND: PvkError = { status: 404, code: 'SIM-0404', message: 'No such service.' };
export const GONE: PvkError = { status: 410, code: 'SIM-0410', message: 'This version is removed.' };
export const NO_ACCESS: PvkError = { status: 403, code: 'SIM-0403', message: 'No access.' };
export const BUSY: PvkError = { status: 503, code: 'SIM-0503', message: 'Too many writes of one setting.' };

export const badRequest = (message: string): PvkError => ({ status: 400, code: 'SIM-0400', message });

export const methodNotAllowed = (allow: string): PvkError => ({
  status: 405,
  code: 'SIM-0405',
  message: 'Method not allowed.',
  headers: { allow },
});

export const serverError = (status: 500 | 503): PvkError => ({
  status,
  code: `SIM-0${status}`,
  message: 'Internal error.',
});

type Settings = PvkSimulatorSettings;

export const unknownDefinition = ({ epvkStatus }: Settings): PvkError => ({
  status: epvkStatus,
  code: 'EPVK-101500',
  message: 'Check definisjonGuid, partKode and typePi.',
});

export const unknownCitizen = ({ epvkStatus }: Settings): PvkError => ({
  status: epvkStatus,
  code: 'EPVK-101518',
  message: 'No citizen with this number.',
});

/** What PVK says to a bad token, whatever is wrong with it; a bad proof brings its own message. */
export const unauthorized = (
  { securityCode }: Settings,
  challenge: string,
  message = 'Token is expired or invalid',
): PvkError => ({ status: 401, code: securityCode, message, headers: { 'www-authenticate': challenge } });

/** The values are invented: known is only that the member is there and is a text. */
const categoryOf = ({ status, code }: PvkError): string => {
  if (code.includes('SEC-')) return 'Security';
  return status >= 500 ? 'Server' : 'Request';
};

export const errorResponse = (error: PvkError, { errorKeys }: Settings): Response => {
  const { status, code, message, headers } = error;
  const body =
    errorKeys === 'Code'
      ? { Code: code, Message: message }
      : { code, message, errorCategory: categoryOf(error) };
  return jsonResponse(status, body, headers);
};
