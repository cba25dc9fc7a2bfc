import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** Every source file and what it imports, relative to `src/`. */
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, specifier = '']) =>
      specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
  );

const offences = (
  from: (file: string) => boolean,
  forbidden: (imported: string, file: string) => boolean,
): readonly string[] =>
  files.filter(from).flatMap((file) =>
    importsOf(file)
      .filter((imported) => forbidden(imported, file))
      .map((imported) => `${file} → ${imported}`),
  );

const within =
  (...rooms: readonly string[]) =>
  (file: string) =>
    rooms.some((room) => file.startsWith(room));

it('only runtime and the build scripts touch node modules', () => {
  expect(
    offences(
      (file) => !within('runtime/', 'build/')(file),
      (imported) => imported.startsWith('node:'),
    ),
  ).toEqual([]);
});

it('only Node sends by SMTP: its library never comes near the Worker', () => {
  expect(
    offences(
      (file) => !within('runtime/node/')(file),
      (imported) => imported.startsWith('nodemailer') || imported.startsWith('runtime/node/'),
    ).filter((offence) => !offence.startsWith('build/')),
  ).toEqual([]);
});

it('nothing but the sandbox imports a simulator', () => {
  const simulation = /systems\/simulation\/|\/simulator/;
  expect(
    offences(
      (file) => !within('sandbox/')(file) && !simulation.test(file),
      (imported) => simulation.test(imported),
    ),
  ).toEqual([]);
});

it('systems know nothing of interactions, store, security or HTTP', () => {
  expect(
    offences(
      within('systems/'),
      within('interactions/', 'store/', 'http/', 'delivery/', 'security/', 'app.ts'),
    ),
  ).toEqual([]);
});

it('the FHIR room knows no country, no store and no HTTP', () => {
  const allowed = (imported: string) =>
    !imported.includes('/') || within('fhir/', 'store/types.ts', 'store/search-request.ts')(imported);
  expect(
    offences(within('fhir/'), (imported) => !allowed(imported) && !/^(@medplum|saxes|hono)/.test(imported)),
  ).toEqual([]);
  const named = files
    .filter(within('fhir/'))
    .filter((file) => /PVK|Helsenorge|BRS|FMK|eFrikort/.test(readFileSync(join('src', file), 'utf8')));
  expect(named).toEqual([]);
});

it('mappings and messages do no I/O', () => {
  expect(
    offences(
      (file) => /systems\/.*\/(mapping|message)/.test(file),
      (imported) => /client|simulator|upstream/.test(imported) || imported === 'src/ports.ts',
    ),
  ).toEqual([]);
});

it('the store and the delivery know no interaction and no system but its type', () => {
  expect(offences(within('store/'), within('interactions/', 'systems/', 'http/', 'security/'))).toEqual([]);
  expect(
    offences(
      within('delivery/'),
      (imported) =>
        imported !== 'systems/system.ts' && within('systems/', 'interactions/', 'http/')(imported),
    ),
  ).toEqual([]);
});

it('interactions know no national system and no platform', () => {
  expect(
    offences(
      within('interactions/'),
      (imported) => imported !== 'systems/system.ts' && within('systems/', 'runtime/', 'sandbox/')(imported),
    ),
  ).toEqual([]);
});

it('only http knows status codes', () => {
  const spelled = files
    .filter(
      (file) =>
        !within('http/', 'sandbox/', 'runtime/', 'build/')(file) && !/simulator|simulation/.test(file),
    )
    .filter((file) => /\bnew Response\(|status:\s*[1-5]\d\d\b/.test(readFileSync(join('src', file), 'utf8')));
  expect(spelled).toEqual([]);
});

it('only the composition knows routes and connections', () => {
  const composition = within('connect/', 'routes/', 'runtime/', 'sandbox/', 'pages/', 'build/');
  expect(offences((file) => file.includes('/') && !composition(file), within('connect/', 'routes/'))).toEqual(
    [],
  );
});
