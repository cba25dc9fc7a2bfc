/** The chapters of docs/headers.md on X-Provenance, codes, the matrix and filtering. */
import { ACCESSES, PURPOSES } from '../headers/codes.ts';
import { FILTERING_RULES } from '../headers/filtering.ts';
import { MATRIX, UNKNOWN_CELL } from '../headers/matrix-rows.ts';
import { PROVENANCE_RULES } from '../headers/provenance-rules.ts';
import { code, mark, section, table } from './markdown.ts';

export const provenance = (): string =>
  section(
    'What X-Provenance must say',
    table(
      ['written', 'activity', 'reason', 'on this server', 'what it is', 'source'],
      Object.entries(PROVENANCE_RULES).map(([kind, rule]) => [
        kind,
        rule.activity,
        rule.reason,
        rule.applies ? 'applies' : 'no such resource',
        rule.words,
        rule.source,
      ]),
    ),
    "`target` and `recorded` are the server's to fill in; sent all the same they are left out with a warning, or refused with `HEADER_STRICT_PROVENANCE=on`. References are resolved inside the resource only; nothing is fetched. A `signature` is stored as sent and not verified.",
  );

export const codes = (): string =>
  section(
    'Purposes and accesses',
    '`verified`: the code stands on a public page. `ours`: a placeholder or an assumption, to be replaced with `HEADER_CODES`.',
    table(
      ['name', 'purpose', 'code', 'code is', 'whose', 'law', 'source'],
      Object.entries(PURPOSES).map(([key, one]) => [
        key,
        one.display,
        code(one.code),
        mark(one.verified),
        one.kinds.join(', '),
        one.law,
        one.source,
      ]),
    ),
    table(
      ['name', 'access', 'code', 'code is', 'under purpose', 'source'],
      Object.entries(ACCESSES).map(([key, one]) => [
        key,
        one.display,
        code(one.code),
        mark(one.verified),
        one.purpose,
        one.source,
      ]),
    ),
  );

export const matrix = (): string =>
  section(
    'Role × purpose × access × resource',
    "A purpose is its own people's [verified, S 1]; role `system` may state any. Then the rows of the cell decide:",
    table(
      ['purpose', 'access', 'resource', 'decision', 'roles', 'filtering', 'validation', 'row is', 'source'],
      [
        ...MATRIX.map((one) => [
          one.purpose,
          one.access,
          one.resource,
          one.decision,
          one.roles
            .map((role) => (role === one.organization ? `${role} with a care provider` : role))
            .join(', '),
          one.filtering.join(', '),
          one.validation.join(', '),
          mark(one.verified),
          one.source,
        ]),
        [
          'any other cell',
          '',
          '',
          UNKNOWN_CELL.decision,
          UNKNOWN_CELL.words,
          '',
          '',
          mark(UNKNOWN_CELL.verified),
          UNKNOWN_CELL.source,
        ],
      ],
    ),
    'What does not go together is 403 `combination-not-allowed`, told from the call alone: the answer is the same whether or not there are data. A ticket of a person must state level of assurance 3 (`HEADER_LOA_REQUIRED`, `HEADER_LOA_MISSING`), else 403 `loa-too-low`.',
    '### Filtering rules',
    table(
      ['rule', 'what it filters', 'on this server', 'source'],
      FILTERING_RULES.map(({ id, words, applies, source }) => [
        id,
        words ?? 'text not public',
        applies ? 'applies' : 'does not apply: no such resource',
        source,
      ]),
    ),
  );
