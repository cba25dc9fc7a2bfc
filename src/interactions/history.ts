import { failure } from '../failure.ts';
import { fail, ok } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import { historyBundle, type Link } from './bundle.ts';
import type { Call, Handler } from './call.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { Server } from './server.ts';
import { missing, refuseUnlessVisible } from './visible.ts';

const DEFAULT_COUNT = 50;
const LARGEST_COUNT = 200;

interface Page {
  readonly count: number;
  readonly since?: number;
  readonly cursor?: string;
}

const UNDERSTOOD = new Set(['_count', '_since', '_format', '_pretty', '_cursor']);

const refused = (name: string, diagnostics: string) =>
  failure('malformed', 'value', diagnostics, { location: [`http.${name}`] });

const pageOf = (call: Call) => {
  let page: Page = { count: DEFAULT_COUNT };
  for (const [name, value] of call.parameters) {
    if (!UNDERSTOOD.has(name)) {
      return fail(
        failure(
          'malformed',
          'not-supported',
          `History takes _count and _since, not the parameter named here.`,
          {
            location: ['http.parameter'],
          },
        ),
      );
    }
    if (name === '_count') {
      if (!/^\d{1,6}$/.test(value)) return fail(refused(name, '_count must be a number.'));
      page = { ...page, count: Math.max(1, Math.min(Number(value), LARGEST_COUNT)) };
    }
    if (name === '_since') {
      const since = Date.parse(value.replace(/ (\d\d:\d\d)$/, '+$1'));
      if (Number.isNaN(since)) return fail(refused(name, '_since must be an instant.'));
      page = { ...page, since };
    }
    if (name === '_cursor') page = { ...page, cursor: value };
  }
  return ok(page);
};

/** Instance history, newest first. https://hl7.org/fhir/R4/http.html#history */
export const history =
  (server: Server): Handler =>
  async (call, trace) => {
    const { type } = call.entry;
    const id = call.id ?? '';
    const page = pageOf(call);
    if (!page.ok) return page;
    const { count, since, cursor } = page.value;
    const latest = await server.repository.read(type, id);
    if (latest === undefined) return fail(missing(call));
    if (latest.patient !== null) trace.patient = latest.patient;
    const hidden = await refuseUnlessVisible(server, call, latest);
    if (hidden !== undefined) return fail(hidden);
    const position = cursor === undefined ? ok(undefined) : await openCursor(server, call, cursor);
    if (!position.ok) return position;
    const beforeVersion = Number(position.value?.after.id ?? Number.NaN);
    const versions = await server.repository.history(type, id, {
      count: count + 1,
      ...(Number.isNaN(beforeVersion) ? {} : { beforeVersion }),
      ...(since === undefined ? {} : { since }),
    });
    const shown = versions.slice(0, count);
    const links: Link[] = [
      { relation: 'self', url: `${call.base}/${type}/${id}/_history${selfQuery(call)}` },
    ];
    if (versions.length > count) links.push(await nextLink(server, call, shown, page.value));
    return ok({
      kind: 'ok',
      // Every version counts once and none is ever taken away, so the newest one's number is how many there are.
      json: historyBundle(call.base, shown, links, since === undefined ? latest.version : undefined),
      confidential: call.entry.confidential,
    });
  };

/** The parameters of the call that shaped the page. */
const selfQuery = (call: Call): string => {
  const query = new URLSearchParams(
    call.parameters
      .filter(([name]) => name === '_count' || name === '_since')
      .map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return query === '' ? '' : `?${query}`;
};

const nextLink = async (
  server: Server,
  call: Call,
  shown: readonly StoredVersion[],
  page: Page,
): Promise<Link> => {
  const last = shown.at(-1)?.version ?? 0;
  const sealed = await sealCursor(server, call, { after: { keys: [], id: String(last) }, parameters: [] });
  const query = new URLSearchParams({ _count: String(page.count), _cursor: sealed });
  if (page.since !== undefined) query.set('_since', new Date(page.since).toISOString());
  return { relation: 'next', url: `${call.base}/${call.entry.type}/${call.id}/_history?${query}` };
};
