/** A mail server and the way to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first octet. `starttls`: nothing is said before it. `none`: in the clear. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Absent: the server takes mail without. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** What `parseSmtpUrl` takes, for the sentence that refuses another text. */
export const SMTP_URL_FORM =
  'smtp://user:password@host:587 or smtps://user:password@host:465, where user and password (percent-encoded) go together or are left out, and smtp alone takes ?starttls=required or ?starttls=off';

const PORTS: ReadonlyMap<string, number> = new Map([
  ['smtp:', 587],
  ['smtps:', 465],
]);

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Undefined: user without password, password without user, or neither readable. */
const loginOf = ({ username, password }: URL): Pick<SmtpServer, 'login'> | undefined => {
  if (username === '' && password === '') return {};
  const login = { user: decoded(username) ?? '', password: decoded(password) ?? '' };
  return login.user === '' || login.password === '' ? undefined : { login };
};

const tlsOf = ({ protocol, search }: URL, host: string): SmtpServer['tls'] | undefined => {
  if (protocol === 'smtps:') return search === '' ? 'implicit' : undefined;
  if (search === '?starttls=required') return 'starttls';
  if (search === '?starttls=off') return 'none';
  // What stays on the machine needs none, and a local mail server's certificate is rarely one to be verified.
  return search === '' ? (LOOPBACK.test(host) ? 'none' : 'starttls') : undefined;
};

/**
 * The server that a URL names. Unless the URL says otherwise, STARTTLS is required of every server but one
 * on loopback. Undefined when the text is no such URL; the text is a secret and is not repeated.
 */
export const parseSmtpUrl = (text: string): SmtpServer | undefined => {
  const url = URL.parse(text);
  const usual = url === null ? undefined : PORTS.get(url.protocol);
  if (url === null || usual === undefined || url.hash !== '' || !/^\/?$/.test(url.pathname)) return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = tlsOf(url, host);
  const login = loginOf(url);
  if (host === '' || tls === undefined || login === undefined) return undefined;
  return { host, port: url.port === '' ? usual : Number(url.port), tls, ...login };
};
