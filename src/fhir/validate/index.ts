import type { Resource, StructureDefinition } from '@medplum/fhirtypes';
import type { Issue } from '../../failure.ts';
import { contentOfType } from '../definitions/elements.ts';
import { DEFINITIONS, VALUE_SETS } from '../definitions/index.ts';
import type { Definitions, ValueSets } from '../definitions/types.ts';
import { Compiler } from './compile.ts';
import { checkObject } from './members.ts';
import { checkRules } from './profile-check.ts';
import { compileChildren, type ProfileContext, type Rule } from './profile-rules.ts';
import { profileTree } from './profile-tree.ts';
import { createTerminology } from './terminology.ts';
import { isObject, isPrintable, type JsonObject, Walk } from './walk.ts';

export interface Validator {
  /**
   * Every fault of a resource at once, each with its FHIRPath; empty when there is none. Faults against R4's
   * structure are `malformed`, those against an invariant or the profile are not. Never throws on any JSON;
   * never repeats a value that may be an identity number.
   * @param profile Canonical URL, with or without version, of a profile the validator was made with or of R4's own
   * definition of the type; undefined: R4 alone.
   */
  validate(resource: unknown, profile?: string): readonly Issue[];
  /** The resource types that can be validated. */
  readonly types: ReadonlySet<string>;
  /** Canonical URLs of the profiles that can be named. */
  readonly profiles: ReadonlySet<string>;
}

interface Profile {
  readonly name: string;
  readonly type: string;
  readonly base: string | undefined;
  readonly version: string | undefined;
  /** Compiled at first use. */
  readonly rules: () => readonly Rule[];
}

const compileProfile = (definition: StructureDefinition, context: ProfileContext): Profile => {
  let rules: readonly Rule[] | undefined;
  return {
    name: definition.name,
    type: definition.type,
    base: definition.baseDefinition,
    version: definition.version,
    rules: () => {
      rules ??= compileChildren(
        profileTree(definition),
        contentOfType(context.definitions, definition.type),
        context,
      );
      return rules;
    },
  };
};

const R4 = 'http://hl7.org/fhir/StructureDefinition/';

/** R4's own definition of a type, which every resource of it is held to anyway. */
const isOfR4 = (canonical: string, type: unknown): boolean => {
  const [url = '', version = '4.0.1'] = canonical.split('|', 2);
  if (!url.startsWith(R4) || !'4.0.1'.startsWith(version)) return false;
  const name = url.slice(R4.length);
  return name === type || name === 'Resource' || (name === 'DomainResource' && !NO_DOMAIN.has(type));
};

/** R4's resources that are no DomainResource. */
const NO_DOMAIN: ReadonlySet<unknown> = new Set(['Bundle', 'Binary', 'Parameters']);

const unknownProfile = (known: readonly string[]): string =>
  known.length === 0
    ? 'The profile asked for is not known here; this server has none for this type.'
    : `The profile asked for is not known here; for this type there is ${known.join(', ')}.`;

const isProfile = (artefact: Resource): artefact is StructureDefinition =>
  artefact.resourceType === 'StructureDefinition' && artefact.derivation === 'constraint';

/**
 * A validator for R4's bundled types and for some profiles.
 * @param artefacts Profiles and extensions (StructureDefinitions with a differential), and the ValueSets and
 * CodeSystems that they bind to; anything else among them is passed over.
 * @param definitions R4's definitions; given by tests that need further types.
 */
export const createValidator = (
  artefacts: readonly Resource[] = [],
  definitions: Definitions = DEFINITIONS,
  valueSets: ValueSets = VALUE_SETS,
): Validator => {
  const context = { definitions, codesOf: createTerminology(valueSets, artefacts) };
  const profiles = new Map<string, Profile>();
  const extensions = new Map<string, Profile>();
  for (const artefact of artefacts.filter(isProfile)) {
    const found = artefact.type === 'Extension' ? extensions : profiles;
    found.set(artefact.url, compileProfile(artefact, context));
  }
  const walk = new Walk();
  const { checkResource, types } = createBase(definitions, valueSets, extensions);

  const checkProfile = (canonical: string, resource: JsonObject): void => {
    const type = resource['resourceType'];
    if (isOfR4(canonical, type)) return;
    const [url = '', version] = canonical.split('|', 2);
    const profile = profiles.get(url);
    if (profile === undefined || (version !== undefined && version !== profile.version)) {
      const known = [...profiles].filter(([, one]) => one.type === type).map(([name]) => name);
      walk.breach('error', 'not-found', unknownProfile(known));
    } else if (profile.type !== type) {
      walk.breach('error', 'invalid', `${profile.name} is a profile of ${profile.type}.`);
    } else {
      checkRules(profile.rules(), resource, walk);
      if (profile.base !== undefined && profiles.has(profile.base)) checkProfile(profile.base, resource);
    }
  };

  return {
    types,
    profiles: new Set(profiles.keys()),
    validate(resource, profile) {
      const object = isObject(resource) ? resource : {};
      const type = object['resourceType'];
      walk.start(object, typeof type === 'string' && types.has(type) ? type : 'Resource');
      checkResource(resource, walk);
      if (profile !== undefined && isObject(resource)) checkProfile(profile, resource);
      return walk.finish();
    },
  };
};

/** A contained resource is known by its id, so that two with one id could not be told apart. */
const refuseSecond = (value: unknown, walk: Walk): void => {
  const id = isObject(value) ? value['id'] : undefined;
  const all = walk.root['contained'];
  if (typeof id !== 'string' || !Array.isArray(all)) return;
  if (all.find((one) => isObject(one) && one['id'] === id) !== value) {
    walk.breach('error', 'duplicate', 'Another contained resource has this id.', 'id');
  }
};

/** R4 itself: checks any resource by its own type. */
const createBase = (
  definitions: Definitions,
  valueSets: ValueSets,
  extensions: ReadonlyMap<string, Profile>,
) => {
  const types = new Set(
    Object.entries(definitions.types).flatMap(([name, { kind, abstract }]) =>
      kind === 'resource' && abstract !== true ? [name] : [],
    ),
  );

  const checkResource = (value: unknown, walk: Walk): void => {
    const type = isObject(value) ? value['resourceType'] : undefined;
    if (!isObject(value)) walk.fault('structure', 'A resource is a JSON object.');
    else if (typeof type !== 'string') walk.fault('structure', 'resourceType is missing.', 'resourceType');
    else if (types.has(type)) checkObject(compiler.node(type), value, walk);
    else refuseType(type, walk);
  };

  const refuseType = (type: string, walk: Walk): void => {
    if (compiler.resourceTypes.has(type)) {
      walk.breach('error', 'not-supported', `${type} is not supported by this server.`, 'resourceType');
    } else {
      const name = isPrintable(type) ? type : 'This';
      walk.fault('structure', `${name} is not a resource type of R4.`, 'resourceType');
    }
  };

  /** A resource inside another one is checked as what it is, and is `%resource` while it lasts. */
  const checkInside = (value: unknown, walk: Walk, root: JsonObject): void => {
    const { root: outerRoot, resource: outer } = walk;
    walk.root = root;
    walk.resource = isObject(value) ? value : outer;
    checkResource(value, walk);
    walk.root = outerRoot;
    walk.resource = outer;
  };

  const compiler = new Compiler(definitions, valueSets, {
    checkContained: (value, walk) => {
      checkInside(value, walk, walk.root);
      refuseSecond(value, walk);
    },
    checkNested: (value, walk) => checkInside(value, walk, isObject(value) ? value : walk.root),
    checkExtension: (value, walk) => {
      const url = isObject(value) ? value['url'] : undefined;
      const profile = typeof url === 'string' ? extensions.get(url) : undefined;
      if (profile !== undefined) checkRules(profile.rules(), value, walk);
    },
  });
  return { checkResource, types };
};
