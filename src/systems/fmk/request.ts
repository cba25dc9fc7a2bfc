import { parseXml } from '../../xml/parse.ts';
import { printXml } from '../../xml/print.ts';
import type { JsonValue } from '../system.ts';
import { type CreateRequest, type DeleteRequest, FMK_MESSAGES } from './message.ts';

/**
 * A planned write, as it waits in the journal. The message is kept in the widest of the generations, so that it
 * can still be read, and sent, after the configuration has moved to another one.
 */
export type FmkRequest = FmkWrite & {
  /** CPR of the acting person, whose ID card the call is made with; absent where it is not told. */
  readonly cpr?: string;
  /** The ID card that came with the call, sealed: it lasts as long as the journal keeps the request. */
  readonly card?: string;
};

export type FmkWrite =
  | { readonly operation: 'Create'; readonly message: CreateRequest }
  | { readonly operation: 'Delete'; readonly message: DeleteRequest };

const { CreateRequest: CREATE, DeleteRequest: DELETE } = FMK_MESSAGES['1.6.0-head'];

/** The form that the journal keeps. */
export const packRequest = (request: FmkRequest): JsonValue => ({
  operation: request.operation,
  body: printXml(
    request.operation === 'Create' ? CREATE.write(request.message) : DELETE.write(request.message),
  ),
  ...(request.cpr === undefined ? {} : { cpr: request.cpr }),
});

const isObject = (value: JsonValue): value is { readonly [member: string]: JsonValue | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readMessage = (operation: JsonValue | undefined, body: string): FmkWrite | undefined => {
  const parsed = parseXml(body);
  if (!parsed.ok) return undefined;
  if (operation === 'Create') {
    const read = CREATE.read(parsed.value);
    return read.ok ? { operation, message: read.value.value } : undefined;
  }
  const read = operation === 'Delete' ? DELETE.read(parsed.value) : undefined;
  return read?.ok === true ? { operation: 'Delete', message: read.value.value } : undefined;
};

/** The planned request with the caller's card in it; `card` is a sealed text. */
export const withCard = (request: JsonValue, card: string): JsonValue =>
  isObject(request) ? { ...request, card } : request;

/** A planned write comes from the mapping, by way of the journal: anything else is a bug, and throws. */
export const unpackRequest = (json: JsonValue): FmkRequest => {
  if (isObject(json) && typeof json['body'] === 'string') {
    const write = readMessage(json['operation'], json['body']);
    const { cpr, card } = json;
    if (write !== undefined) {
      return {
        ...write,
        ...(typeof cpr === 'string' ? { cpr } : {}),
        ...(typeof card === 'string' ? { card } : {}),
      };
    }
  }
  throw new TypeError('a planned FMK request was expected');
};
