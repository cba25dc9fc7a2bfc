import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Failure, failure } from '../../failure.ts';
import type { HeaderLimits } from '../../headers/sizes.ts';
import { CONTENT_TYPE } from '../../http/media-type.ts';
import { operationOutcome } from '../../http/outcome.ts';
import { STATUS } from '../../http/status.ts';

/** Bytes for the request line, which Node counts too, and for headers whose size the server itself tells of by name. */
const ROOM = 49_152;

/** Bytes at which Node's own parser stops. */
export const maxHeaderSize = ({ total, apart }: HeaderLimits): number => total + (apart?.value ?? 0) + ROOM;

const reasonOf = (code: string | undefined): Failure =>
  code === 'HPE_HEADER_OVERFLOW'
    ? failure('headers-too-large', 'too-long', 'The headers are larger than this server reads.')
    : failure('malformed', 'structure', 'The request is not HTTP as this server reads it.');

/** What Node's parser refuses never reaches the app; it is answered as everything else is. */
export const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const reason = reasonOf(error.code);
  const status = STATUS[reason.kind];
  const body = JSON.stringify(operationOutcome(reason.issues));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${CONTENT_TYPE.json}\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};
