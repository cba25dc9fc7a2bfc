import { type SqlValue, type Statement, sql } from '../ports.ts';
import type { ComponentValue, Guard, IndexRows } from './types.ts';

type Cells = readonly SqlValue[];

interface IndexTable {
  readonly name: string;
  /** After type and id; in the order of the cells. */
  readonly columns: readonly string[];
  readonly rows: (index: IndexRows) => readonly Cells[];
}

/** UTF-16 units of one JSON parameter: below 1 MB in UTF-8. */
const PARAMETER_UNITS = 250_000;

/** Values beyond this are cut, in the index and in what is looked for: no row may outgrow a page by much. */
export const INDEXED_UNITS = 512;

const short = (value: string | null): string => (value ?? '').slice(0, INDEXED_UNITS);

/** Search parameter under which a reference's logical half is found: a token like any other. */
const identifierParam = (param: string): string => `${param}:identifier`;

const tokenCells = (index: IndexRows): readonly Cells[] => {
  const cells: Cells[] = index.token.map((row) => [row.param, short(row.system), short(row.code)]);
  for (const row of index.reference) {
    if (row.identifierValue === null && row.identifierSystem === null) continue;
    cells.push([identifierParam(row.param), short(row.identifierSystem), short(row.identifierValue)]);
  }
  return cells;
};

/** The columns of `idx_composite` that hold values, and what they hold when a kind has no use for them. */
const EMPTY = {
  system: '',
  code: '',
  unit: '',
  low: 0,
  high: 0,
  folded: '',
  exact: '',
  target_type: '',
  target_id: '',
  target_version: '',
  value: '',
} as const;

type ValueColumn = keyof typeof EMPTY;

const VALUE_COLUMNS: readonly ValueColumn[] = [
  'system',
  'code',
  'unit',
  'low',
  'high',
  'folded',
  'exact',
  'target_type',
  'target_id',
  'target_version',
  'value',
];

type Filled = Readonly<Partial<Record<ValueColumn, SqlValue>>>;

const FILL: {
  readonly [K in ComponentValue['of']]: (value: Extract<ComponentValue, { of: K }>) => Filled;
} = {
  token: ({ system, code }) => ({ system: short(system), code: short(code) }),
  reference: ({ targetType, targetId, targetVersion }) => ({
    target_type: short(targetType),
    target_id: short(targetId),
    target_version: short(targetVersion),
  }),
  date: ({ low, high }) => ({ low, high }),
  string: ({ folded, exact }) => ({ folded: short(folded), exact: short(exact) }),
  uri: ({ value }) => ({ value: short(value) }),
  number: ({ low, high }) => ({ low, high }),
  quantity: ({ low, high, system, code, unit }) => ({
    low,
    high,
    system: short(system),
    code: short(code),
    unit: short(unit),
  }),
};

const fill = <K extends ComponentValue['of']>(of: K, value: Extract<ComponentValue, { of: K }>): Filled =>
  FILL[of](value);

const componentCells = (value: ComponentValue): Filled => fill(value.of, value);

const INDEX_TABLES: readonly IndexTable[] = [
  { name: 'idx_token', columns: ['param', 'system', 'code'], rows: tokenCells },
  {
    name: 'idx_reference',
    columns: ['param', 'target_type', 'target_id', 'target_version'],
    // A reference without a literal half is kept too, so that `:missing` knows of it.
    rows: (index) =>
      index.reference.map((row) => [
        row.param,
        short(row.targetType),
        short(row.targetId),
        short(row.targetVersion),
      ]),
  },
  {
    name: 'idx_date',
    columns: ['param', 'low', 'high'],
    rows: (index) => index.date.map((row) => [row.param, row.low, row.high]),
  },
  {
    name: 'idx_string',
    columns: ['param', 'folded', 'exact'],
    rows: (index) => index.string.map((row) => [row.param, short(row.folded), short(row.exact)]),
  },
  {
    name: 'idx_uri',
    columns: ['param', 'value'],
    rows: (index) => index.uri.map((row) => [row.param, short(row.value)]),
  },
  {
    name: 'idx_number',
    columns: ['param', 'low', 'high'],
    rows: (index) => (index.number ?? []).map((row) => [row.param, row.low, row.high]),
  },
  {
    name: 'idx_quantity',
    columns: ['param', 'low', 'high', 'system', 'code', 'unit'],
    rows: (index) =>
      (index.quantity ?? []).map((row) => [
        row.param,
        row.low,
        row.high,
        short(row.system),
        short(row.code),
        short(row.unit),
      ]),
  },
  {
    name: 'idx_composite',
    columns: ['param', 'grp', 'comp', 'seq', ...VALUE_COLUMNS],
    rows: (index) =>
      (index.composite ?? []).map(({ param, group, component, value }, seq) => {
        const filled = componentCells(value);
        return [param, group, component, seq, ...VALUE_COLUMNS.map((name) => filled[name] ?? EMPTY[name])];
      }),
  },
];

/** JSON arrays of rows, each short enough for one parameter. */
const packed = (rows: readonly Cells[]): readonly string[] => {
  const packs: string[] = [];
  let pack: string[] = [];
  let units = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (units + text.length > PARAMETER_UNITS) {
      packs.push(`[${pack.join()}]`);
      pack = [];
      units = 0;
    }
    pack.push(text);
    units += text.length + 1;
  }
  if (pack.length > 0) packs.push(`[${pack.join()}]`);
  return packs;
};

const insertSql = (table: IndexTable, guard: Guard): string => {
  const cells = table.columns.map((_, index) => `value ->> ${index}`).join(', ');
  return (
    `insert or ignore into ${table.name} (type, id, ${table.columns.join(', ')}) ` +
    `select ?, ?, ${cells} from json_each(?) where ${guard.sql}`
  );
};

/** Replaces a resource's search values: one deletion and usually one insertion a kind that has any. */
export const indexStatements = (
  { type, id, version }: { readonly type: string; readonly id: string; readonly version: number },
  index: IndexRows,
  guard: Guard,
): readonly Statement[] => {
  const statements: Statement[] = [];
  for (const table of INDEX_TABLES) {
    // A first version has nothing to replace.
    if (version > 1) {
      statements.push(
        sql(
          `delete from ${table.name} where type = ? and id = ? and ${guard.sql}`,
          type,
          id,
          ...guard.params,
        ),
      );
    }
    for (const pack of packed(table.rows(index))) {
      statements.push(sql(insertSql(table, guard), type, id, pack, ...guard.params));
    }
  }
  return statements;
};
