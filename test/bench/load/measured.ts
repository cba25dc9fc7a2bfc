/** What one load found out. */
export interface Measured {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were not 2xx, and connections that broke. */
  readonly failed: number;
}

interface Load {
  readonly origin: string;
  readonly connections: number;
  readonly seconds: number;
}

/** The same GET over and over. */
export interface ReadLoad extends Load {
  readonly kind: 'read';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Creates, each of another person's Consent under another X-Request-ID. */
export interface CreateLoad extends Load {
  readonly kind: 'create';
  readonly path: string;
  readonly token: string;
  /** The first person of this load, so that no two loads share one. */
  readonly from: number;
}
