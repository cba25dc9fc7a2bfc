import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseSmtpUrl, type SmtpServer } from '../../../src/mail/smtp-url.ts';

export interface ReceivedMail {
  readonly raw: string;
  readonly from: string;
  readonly to: readonly string[];
  /** What the sender called itself. */
  readonly name: string | false;
  readonly secure: boolean;
}

const portOf = async (server: Server): Promise<number> => {
  if (!server.listening) await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

export const serverAt = (url: string): SmtpServer => {
  const server = parseSmtpUrl(url);
  if (server === undefined) throw new Error('no SMTP URL');
  return server;
};

/** A real SMTP server on a free port of the loopback interface, and what it has taken. */
export const mailServer = async (options: SMTPServerOptions = {}) => {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          raw: Buffer.concat(chunks).toString('latin1'),
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          name: session.hostNameAppearsAs,
          secure: session.secure,
        });
        done();
      });
    },
    ...options,
  });
  // A client that does not trust the certificate breaks off.
  server.on('error', () => undefined);
  const port = await portOf(server.listen(0, '127.0.0.1'));
  return {
    port,
    received,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
};

/** What the server answers to a command (or to the end of the message, `.`); `drop` closes, `silence` says nothing. */
export type Script = Readonly<Record<string, string>>;

const USUAL: Script = {
  greeting: '220 mail.example ESMTP',
  EHLO: '250 mail.example',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  '.': '250 taken',
  QUIT: '221 bye',
};

/** A server that says what the script has, and drops or falls silent where a real one could. */
export const scriptedServer = async (script: Script) => {
  const heard: string[] = [];
  const lines: Script = { ...USUAL, ...script };
  const server = createServer((socket) => {
    let reading = false;
    let rest = '';
    const answer = (command: string): void => {
      const line = lines[command] ?? '500 what?';
      if (line === 'drop') socket.destroy();
      else if (line !== 'silence') socket.write(`${line}\r\n`);
      if (command === 'DATA') reading = line.startsWith('354');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const found = `${rest}${chunk.toString('latin1')}`.split('\r\n');
      rest = found.pop() ?? '';
      for (const line of found) {
        if (reading && line !== '.') continue;
        reading = false;
        const command = line.slice(0, 4).toUpperCase();
        heard.push(command);
        answer(command);
      }
    });
    answer('greeting');
  });
  const port = await portOf(server.listen(0, '127.0.0.1'));
  return { port, heard, close: () => server.close() };
};
