import { PATTERN_HEADINGS } from '../headers/handbook.ts';
import { RULED_PATTERNS } from '../headers/table.ts';
import { isWrite } from '../interactions/act.ts';
import { routesOf } from '../routes/routes.ts';
import { code, escapeHtml, link, list, type Row, section, table } from './markup.ts';
import { page } from './page.ts';
import { patternLink, patternSection, valuesSection } from './rules.ts';
import type { Told } from './start.ts';

const callRows = (told: Told): readonly Row[] =>
  told.entries.flatMap((entry) =>
    routesOf(entry).map(({ method, path, interaction }) => ({
      cells: [
        code(`${method} ${path.replace(/:(\w+)/g, '[$1]')}`),
        escapeHtml(interaction),
        patternLink(isWrite(interaction) ? '2.3' : entry.pattern),
      ],
    })),
  );

const ERRORS = [
  '400: not parseable, not R4 in structure, or a fault of a header or parameter',
  '401: no token, or not a good one; 403: role, scope, purpose or access do not allow it',
  '404, 405, 406, 410, 415: as in HTTP',
  '409: a duplicate, or another write of the same resource under way; 412: another version',
  '422: well-formed, but against an invariant, a profile or a mapping rule',
  '428: say with If-Match which version was seen',
  '501: the national system is not configured here; 502, 503, 504: it refused, is away, or did not answer in time',
];

/** The second page: every call, and every header rule with an address of its own. */
export const docsPage = (told: Told): string =>
  page(
    'Calls and header rules – Nordic FHIR facade',
    '/docs',
    [
      '<h1>Calls and header rules</h1>',
      list([
        link('#calls', 'Calls'),
        ...RULED_PATTERNS.map((pattern) =>
          link(
            `#pattern-${pattern}`,
            `Pattern ${pattern}: ${PATTERN_HEADINGS[pattern].english.toLowerCase()}`,
          ),
        ),
        link('#values', 'How the values are written'),
        link('#errors', 'Errors'),
      ]),
      ...(told.headerRules === 'report'
        ? [
            `<p>This server reports faults of these headers in ${code('X-Header-Findings')} and lets the call through.</p>`,
          ]
        : []),
      section(
        'calls',
        'Calls',
        `<p>${link('/#operations', 'Operations')} are on the start page; ${link('/openapi.json', 'OpenAPI')} has the parameters of each call.</p>`,
        table('Calls of each type', ['Call', 'Interaction', 'Pattern'], callRows(told)),
      ),
      ...RULED_PATTERNS.map(patternSection),
      valuesSection(),
      section(
        'errors',
        'Errors',
        '<p>Every refusal is an OperationOutcome that tells all faults at once, each with its place and what to do.</p>',
        list(ERRORS.map(escapeHtml)),
      ),
    ].join('\n'),
  );
