import { type Failure, failure } from '../failure.ts';
import type { SqlValue, Statement } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { CALLER_KEY, CLIENT_ID } from './audit-event.ts';
import type { SystemValue } from './caller.ts';

/** Both ends included, milliseconds since the epoch; an open end is absent. */
export interface AuditPeriod {
  readonly low?: number;
  readonly high?: number;
}

/**
 * Criteria over the audit. The members are and-ed; so are the periods of one member. Within any other list one
 * match is enough; an empty list matches nothing.
 */
export interface AuditSearch {
  readonly id?: readonly string[];
  /** `date` and `_lastUpdated` are the same here: a record never changes. */
  readonly periods?: readonly AuditPeriod[];
  readonly action?: readonly string[];
  readonly outcome?: readonly string[];
  /** Codes of the event type: every record is `rest`. */
  readonly type?: readonly string[];
  /** Codes of restful-interaction. */
  readonly subtype?: readonly string[];
  /** Logical ids of Patients. */
  readonly patient?: readonly string[];
  readonly entity?: readonly { readonly type: string; readonly id: string; readonly version?: number }[];
  /** A caller's key or client id in their NamingSystems, or the identifier of an acting organisation. */
  readonly agent?: readonly SystemValue[];
  /** Page size, at least 0. */
  readonly count: number;
  /** From the page before: records older than that one. */
  readonly before?: number;
}

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The port promises 100 parameters a statement; two are kept for the page. */
const MAX_PARAMETERS = 98;

const NOTHING: Condition = { sql: '0', params: [] };

const oneOf = (column: string, values: readonly string[]): Condition =>
  values.length === 0
    ? NOTHING
    : { sql: `${column} in (${values.map(() => '?').join(', ')})`, params: values };

const anyOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0
    ? NOTHING
    : {
        sql: `(${conditions.map((one) => one.sql).join(' or ')})`,
        params: conditions.flatMap((one) => one.params),
      };

const period = ({ low, high }: AuditPeriod): readonly Condition[] => [
  ...(low === undefined ? [] : [{ sql: 'at >= ?', params: [low] }]),
  ...(high === undefined ? [] : [{ sql: 'at <= ?', params: [high] }]),
];

const entity = ({ type, id, version }: NonNullable<AuditSearch['entity']>[number]): Condition => {
  const named: Condition =
    version === undefined
      ? { sql: '(type = ? and resource_id = ?)', params: [type, id] }
      : { sql: '(type = ? and resource_id = ? and version = ?)', params: [type, id, version] };
  // The patient a record concerns is one of its entities too.
  if (type !== 'Patient' || version !== undefined) return named;
  return anyOf([named, { sql: 'patient = ?', params: [id] }]);
};

const agent = ({ system, value }: SystemValue): Condition => {
  if (system === CALLER_KEY) return { sql: 'caller_key = ?', params: [value] };
  if (system === CLIENT_ID) return { sql: 'client_id = ?', params: [value] };
  return { sql: 'organization = ?', params: [`${system}|${value}`] };
};

const conditionsOf = (search: AuditSearch): readonly Condition[] => {
  const lists = [
    ['id', search.id],
    ['action', search.action],
    ['outcome', search.outcome],
    ['interaction', search.subtype],
    ['patient', search.patient],
  ] as const;
  return [
    ...lists.flatMap(([column, values]) => (values === undefined ? [] : [oneOf(column, values)])),
    ...(search.periods ?? []).flatMap(period),
    ...(search.type === undefined || search.type.includes('rest') ? [] : [NOTHING]),
    ...(search.entity === undefined ? [] : [anyOf(search.entity.map(entity))]),
    ...(search.agent === undefined ? [] : [anyOf(search.agent.map(agent))]),
  ];
};

const where = (conditions: readonly Condition[]): Result<Condition, Failure> => {
  const params = conditions.flatMap((one) => one.params);
  if (params.length > MAX_PARAMETERS) {
    return fail(failure('malformed', 'too-costly', `The search has more than ${MAX_PARAMETERS} values.`));
  }
  const text = conditions.map((one) => one.sql).join(' and ');
  return ok({ sql: text === '' ? '' : ` where ${text}`, params });
};

/** One page and one record more, which tells whether there is another page. */
export const auditPage = (search: AuditSearch): Result<Statement, Failure> => {
  const before = search.before === undefined ? [] : [{ sql: 'seq < ?', params: [search.before] }];
  const filter = where([...conditionsOf(search), ...before]);
  if (!filter.ok) return filter;
  return ok({
    sql: `select * from audit${filter.value.sql} order by seq desc limit ?`,
    params: [...filter.value.params, search.count + 1],
  });
};

/** The number of matches on all pages. */
export const auditCount = (search: AuditSearch): Result<Statement, Failure> => {
  const filter = where(conditionsOf(search));
  if (!filter.ok) return filter;
  return ok({ sql: `select count(*) as count from audit${filter.value.sql}`, params: filter.value.params });
};
