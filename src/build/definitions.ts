/**
 * Strips HL7's R4 definitions down to what validation, formats and search need, and gathers the project's own
 * artefacts, into committed files that also run where there is no file system.
 *
 *   node src/build/definitions.ts            writes them
 *   node src/build/definitions.ts --check    exits 1 when the committed files differ
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { EXTRA_TYPES } from '../fhir/definitions/extra-types.ts';
import { isOfBasic } from './artefacts-of-basic.ts';
import { extraTypes } from './extra-types.ts';
import { readR4 } from './r4-package.ts';
import { compactSearchParameters } from './search-parameters.ts';
import { compactDefinitions } from './structure-definitions.ts';
import { enumerateValueSets, systemHierarchies } from './value-sets.ts';

/**
 * The resource types that are bundled: those served, those that may be contained in them, and those that
 * carry requests and answers. The one list; everything else follows from it.
 */
export const BUNDLED_TYPES = [
  'Consent',
  'Organization',
  'Basic',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'RelatedPerson',
  'Provenance',
  'AuditEvent',
  'Bundle',
  'Parameters',
  'OperationOutcome',
  'CapabilityStatement',
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'SearchParameter',
  'OperationDefinition',
  'NamingSystem',
  'Binary',
] as const;

const ROOT = join(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'src/fhir/definitions');
const PROFILES = join(ROOT, 'profiles');

/** The artefacts of `profiles/` that are served, in a fixed order, examples left out. */
const readProfiles = (): readonly Resource[] =>
  readdirSync(PROFILES, { withFileTypes: true })
    .filter((kind) => kind.isDirectory() && kind.name !== 'examples')
    .map((kind) => kind.name)
    .sort()
    .flatMap((kind) =>
      readdirSync(join(PROFILES, kind))
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => JSON.parse(readFileSync(join(PROFILES, kind, name), 'utf8')) as Resource),
    );

/** Name of each generated file and its text. */
export const generate = (): ReadonlyMap<string, string> => {
  const r4 = readR4();
  const definitions = compactDefinitions(r4, BUNDLED_TYPES);
  const valueSets = enumerateValueSets(r4, definitions);
  const hierarchies = systemHierarchies(r4, valueSets);
  const extra = extraTypes(r4, EXTRA_TYPES, definitions, valueSets, hierarchies);
  const profiles = readProfiles();
  const contents: Record<string, unknown> = {
    'r4.generated.json': definitions,
    'value-sets.generated.json': valueSets,
    'hierarchies.generated.json': hierarchies,
    'search-parameters.generated.json': compactSearchParameters(r4, BUNDLED_TYPES),
    'profiles.generated.json': profiles.filter((one) => !isOfBasic(one)),
    'profiles-of-basic.generated.json': profiles.filter(isOfBasic),
    ...Object.fromEntries([...extra].map(([type, content]) => [`extra/${type}.generated.json`, content])),
  };
  return new Map(Object.entries(contents).map(([name, content]) => [name, `${JSON.stringify(content)}\n`]));
};

const committed = (name: string): string | undefined => {
  try {
    return readFileSync(join(TARGET, name), 'utf8');
  } catch {
    return undefined;
  }
};

/** Files of types that are no longer on the list. */
export const leftOver = (files: ReadonlyMap<string, string>): readonly string[] =>
  readdirSync(TARGET, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.generated.json') && !files.has(name.replaceAll('\\', '/')),
  );

const main = (check: boolean): number => {
  const files = generate();
  const stale = [...files].filter(([name, text]) => committed(name) !== text);
  const surplus = leftOver(files);
  if (check) {
    for (const name of [...stale.map(([one]) => one), ...surplus]) {
      console.error(`${name} is out of date: run npm run build:definitions`);
    }
    return stale.length + surplus.length === 0 ? 0 : 1;
  }
  for (const [name, text] of stale) {
    mkdirSync(dirname(join(TARGET, name)), { recursive: true });
    writeFileSync(join(TARGET, name), text);
  }
  for (const name of surplus) rmSync(join(TARGET, name));
  console.log(`${stale.length} of ${files.size} definition files written`);
  return 0;
};

if (import.meta.main) process.exitCode = main(process.argv.includes('--check'));
