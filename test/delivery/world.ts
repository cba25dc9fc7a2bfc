import type { Consent, Provenance } from '@medplum/fhirtypes';
import { createDelivery } from '../../src/delivery/delivery.ts';
import type { DeliveryDeps, DeliveryOptions, Sender } from '../../src/delivery/deps.ts';
import { DELIVERY_SCHEMA } from '../../src/delivery/schema.ts';
import type { Delivery, WriteOrder } from '../../src/delivery/types.ts';
import { type Failure, failure } from '../../src/failure.ts';
import { type Database, type Row, type SqlValue, sql } from '../../src/ports.ts';
import { fail, ok, type Result } from '../../src/result.ts';
import type { AuditEntry } from '../../src/security/audit-entry.ts';
import { createRepository, type Repository } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import type { Guard, IndexRows } from '../../src/store/types.ts';
import type { Accepted, JsonValue, NotAccepted, SendContext } from '../../src/systems/system.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

export const START = Date.UTC(2026, 10, 21, 9, 30);

/** What the fake service is asked: set a citizen's setting to a value, or withdraw it (null). */
interface Ask {
  readonly key: string;
  readonly value: string | null;
}

const askOf = (request: JsonValue): Ask => {
  if (typeof request !== 'object' || request === null || !('key' in request)) throw new Error('no ask');
  const { key, value } = request;
  return { key: String(key), value: typeof value === 'string' ? value : null };
};

/** A service with the semantics of PVK's Sett: repeatable, tells whether the value changed, nothing more. */
export class FakeService implements Sender {
  readonly settings = new Map<string, string>();
  /** Every change, in order. */
  readonly changes: Ask[] = [];
  readonly calls: { readonly ask: Ask; readonly context: SendContext }[] = [];
  /** What the next calls do instead of answering; `lost`: acts, and the answer never arrives. */
  readonly faults: ('lost' | 'silent' | Failure)[] = [];
  /** Calls made after their own deadline. */
  late = 0;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async send(request: JsonValue, context: SendContext): Promise<Result<Accepted, NotAccepted>> {
    const ask = askOf(request);
    // The promise of every system: nothing runs beyond the deadline.
    if (this.#clock() > context.deadline) {
      this.late += 1;
      return fail({ fate: 'unknown', failure: noAnswer });
    }
    this.calls.push({ ask, context });
    const fault = this.faults.shift();
    if (fault !== undefined && typeof fault !== 'string') return fail({ fate: 'refused', failure: fault });
    if (fault === 'silent') return fail({ fate: 'unknown', failure: noAnswer });
    const changed = (this.settings.get(ask.key) ?? null) !== ask.value;
    if (changed) {
      this.changes.push(ask);
      if (ask.value === null) this.settings.delete(ask.key);
      else this.settings.set(ask.key, ask.value);
    }
    if (fault === 'lost') return fail({ fate: 'unknown', failure: noAnswer });
    return ok({ effect: changed ? 'changed' : context.repeat ? 'unknown' : 'unchanged', issues: [] });
  }
}

const noAnswer = failure('upstream-timeout', 'timeout', 'The service did not answer.');

const EMPTY_INDEX: IndexRows = { token: [], reference: [], date: [], string: [], uri: [] };

const TEST_TABLES = [
  sql('create table if not exists test_time (ms integer not null)'),
  sql('insert into test_time (ms) values (0)'),
  sql(
    'create table if not exists test_audit (outcome text, interaction text, type text, id text, version integer, at integer)',
  ),
];

const auditStatement = (entry: AuditEntry, guard: Guard = { sql: 'true', params: [] }) =>
  sql(
    `insert into test_audit (outcome, interaction, type, id, version, at) select ?, ?, ?, ?, ?, ? where ${guard.sql}`,
    entry.outcome,
    entry.interaction,
    entry.type,
    entry.id ?? null,
    entry.version ?? null,
    entry.at,
    ...guard.params,
  );

/** A server's surroundings: a database, a service, the time of both. Several deliveries may live in it. */
export class World {
  readonly database: Database;
  readonly repository: Repository;
  readonly service: FakeService;
  readonly logs: { level: string; message: string }[] = [];
  readonly background: Promise<unknown>[] = [];
  time = START;
  #ids = 0;

  private constructor(database: Database) {
    this.database = database;
    this.repository = createRepository(database);
    this.service = new FakeService(() => this.time);
  }

  static async open(): Promise<World> {
    const database = memoryDatabase();
    await migrate(database, DELIVERY_SCHEMA);
    await database.batch(TEST_TABLES);
    return new World(database);
  }

  uuid(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  /** Lets time pass, for the server and for the database. */
  async pass(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    await this.database.batch([sql('update test_time set ms = ms + ?', milliseconds)]);
  }

  deps(over: Partial<DeliveryDeps> = {}, options: Partial<DeliveryOptions> = {}): DeliveryDeps {
    return {
      database: this.database,
      repository: this.repository,
      clock: () => this.time,
      log: (level, message) => void this.logs.push({ level, message }),
      background: (work) => void this.background.push(work),
      systems: (name) => (name === 'helsenorge' ? this.service : undefined),
      auditStatement,
      keys: { hashAll: async (use, text) => [`${use}#${text}`] },
      indexOf: () => EMPTY_INDEX,
      ...over,
      options: {
        now: '(select ms from test_time)',
        sleep: async () => {},
        uuid: () => this.uuid(),
        ...options,
      },
    };
  }

  delivery(over: Partial<DeliveryDeps> = {}, options: Partial<DeliveryOptions> = {}): Delivery {
    return createDelivery(this.deps(over, options));
  }

  rows(text: string, ...params: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.database.query(sql(text, ...params));
  }

  async count(text: string, ...params: readonly SqlValue[]): Promise<number> {
    const [row] = await this.rows(`select count(*) as n from ${text}`, ...params);
    return Number(row?.['n']);
  }

  /** The value of the resource that the store holds live; null when it holds none. */
  async stored(type: string, id: string): Promise<string | null> {
    const version = await this.repository.read(type, id);
    return version === undefined || version.deleted ? null : languageOf(version.content);
  }
}

export const languageOf = (content: string): string => {
  const resource = JSON.parse(content) as Consent;
  return resource.language ?? '';
};

const provenance: Omit<Provenance, 'target' | 'recorded'> = {
  resourceType: 'Provenance',
  agent: [{ who: { display: 'Nurse' } }],
};

/** A Consent whose one varying element (`language`, for brevity) is the value asked of the service. */
export const consent = (value: string): Consent => ({
  resourceType: 'Consent',
  meta: { profile: ['https://example.org/profile'] },
  language: value,
  status: 'active',
  scope: { text: 'privacy' },
  category: [{ text: 'samtykke' }],
});

export interface OrderParts {
  readonly interaction?: WriteOrder['interaction'];
  readonly id?: string;
  readonly value?: string;
  readonly base?: WriteOrder['base'];
  readonly requestId?: string | null;
  readonly fingerprint?: string;
  readonly uniqueKey?: string;
  readonly onUnchanged?: 'commit' | 'keep';
  readonly local?: boolean;
  readonly deadline?: number;
  /** The citizen's setting at the service. */
  readonly key?: string;
  readonly callerKey?: string;
}

const ACTIONS = { create: 'C', update: 'U', delete: 'D' } as const;

export const order = (parts: OrderParts = {}): WriteOrder => {
  const { interaction = 'create', id = 'one', value = 'yes', callerKey = 'caller' } = parts;
  const key = parts.key ?? 'citizen';
  return {
    interaction,
    type: 'Consent',
    id,
    ...(parts.base === undefined ? {} : { base: parts.base }),
    ...(interaction === 'delete' ? {} : { resource: consent(value), index: EMPTY_INDEX }),
    patient: 'p1',
    ...(parts.uniqueKey === undefined ? {} : { uniqueKey: parts.uniqueKey }),
    ...(parts.local === true
      ? {}
      : {
          upstream: {
            system: 'helsenorge',
            request: { key, value: interaction === 'delete' ? null : value },
            onUnchanged: parts.onUnchanged ?? 'commit',
          },
        }),
    provenance,
    audit: {
      at: 0,
      interaction,
      action: ACTIONS[interaction],
      outcome: '0',
      type: 'Consent',
      id,
      callerKey,
      role: 'nurse',
      clientId: 'client',
    },
    callerKey,
    ...(parts.requestId === null
      ? {}
      : { requestId: parts.requestId ?? '1f0c3f8e-0000-4000-8000-00000000000a' }),
    fingerprint: parts.fingerprint ?? `${interaction} ${value}`,
    deadline: parts.deadline ?? START + 10_000,
  };
};
