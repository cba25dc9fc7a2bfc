import type { Resource } from '@medplum/fhirtypes';
import { printJson } from '../json.ts';
import { type SqlValue, type Statement, sql } from '../ports.ts';
import type { LocalWrite, WriteOrder } from './types.ts';

/** A resource's JSON text around the one value that is known only at the commit: `meta.lastUpdated`. */
export interface Content {
  readonly head: string;
  readonly tail: string;
}

/**
 * What the journal keeps of a write until it is settled: the order, with the resource already as text, so that
 * numbers keep their precision and nothing is serialised twice.
 */
export interface Entry extends Omit<WriteOrder, 'resource' | 'deadline' | 'fingerprint' | 'companions'> {
  readonly format: 1;
  /** Undefined for a delete. */
  readonly content?: Content;
  readonly companions?: readonly Entry[];
}

/** The entry and those that share its fate. */
export const together = (entry: Entry): readonly Entry[] => [entry, ...(entry.companions ?? [])];

const afterBrace = (json: string): string => (json === '{}' ? '}' : `,${json.slice(1)}`);

/** The resource with `resourceType`, `id` and `meta` in front, `meta.versionId` set. */
export const contentOf = (resource: Resource, id: string, version: number): Content => {
  const { resourceType, id: _, meta = {}, ...body } = resource;
  const { versionId: _version, lastUpdated: _lastUpdated, ...otherMeta } = meta;
  return {
    head: `{"resourceType":${JSON.stringify(resourceType)},"id":${JSON.stringify(id)},"meta":{"versionId":"${version}","lastUpdated":"`,
    tail: `"${afterBrace(printJson(otherMeta))}${afterBrace(printJson(body))}`,
  };
};

/** @param lastUpdated milliseconds since the epoch */
export const contentText = ({ head, tail }: Content, lastUpdated: number): string =>
  head + new Date(lastUpdated).toISOString() + tail;

/** The version that the order makes. */
export const versionMade = (order: Pick<WriteOrder, 'base'>): number => (order.base?.version ?? 0) + 1;

export const entryOf = (order: WriteOrder): Entry => ({
  ...singleEntry(order),
  ...(order.companions === undefined || order.companions.length === 0
    ? {}
    : { companions: order.companions.map(singleEntry) }),
});

const singleEntry = (order: WriteOrder | LocalWrite): Entry => {
  const {
    resource,
    deadline: _deadline,
    fingerprint: _fingerprint,
    companions: _companions,
    base,
    ...kept
  }: Partial<WriteOrder> & LocalWrite = order;
  return {
    ...kept,
    // Not what else the caller's object may hold: the journal would keep a resource twice.
    ...(base === undefined
      ? {}
      : { base: { version: base.version, lastUpdated: base.lastUpdated, deleted: base.deleted } }),
    format: 1,
    ...(resource === undefined || order.interaction === 'delete'
      ? {}
      : { content: contentOf(resource, order.id, versionMade(order)) }),
  };
};

/** What a write reserves while it is under way, its companions included. */
export const claimKeys = (entry: Entry): readonly string[] =>
  together(entry).flatMap(({ type, id, uniqueKey }) => [
    `resource|${type}/${id}`,
    ...(uniqueKey === undefined ? [] : [`unique|${uniqueKey}`]),
  ]);

/** UTF-16 units of one part; at most three bytes each, so that a value stays below 1 MB. */
const PART = 300_000;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** The text in pieces that each fit into one value of the database; never cut between surrogates. */
export const cut = (text: string, size = PART): readonly string[] => {
  const pieces: string[] = [];
  for (let start = 0; start < text.length || pieces.length === 0; ) {
    let end = Math.min(start + size, text.length);
    if (end < text.length && end - start > 1 && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
};

/** The entry as columns of its intent (`text`, `parts`) and as statements for what does not fit there. */
export const journalled = (
  intentId: string,
  entry: Entry,
): { readonly text: string; readonly parts: number; readonly statements: readonly Statement[] } => {
  const [text = '', ...rest] = cut(JSON.stringify(entry));
  const statements = rest.map((piece, part) =>
    sql(
      'insert into intent_part (intent_id, part, text) select ?, ?, ? where exists (select 1 from intent where id = ?)',
      ...([intentId, part, piece, intentId] satisfies SqlValue[]),
    ),
  );
  return { text, parts: rest.length, statements };
};

/** Reads what {@link journalled} wrote; throws on anything else, which is a bug. */
export const parseEntry = (text: string): Entry => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== 1) {
    throw new Error('the journal holds an entry of an unknown form');
  }
  return value as Entry;
};
