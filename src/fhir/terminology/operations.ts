import type { Coding, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { NamedValueSet, Terminology } from './index.ts';
import type { Inputs, InputTable } from './inputs.ts';

/** One of R4's terminology operations as it is offered here. */
export interface TerminologyOperation {
  readonly type: 'ValueSet' | 'CodeSystem';
  /** Without the `$`. */
  readonly name: string;
  /** Canonical URL of R4's OperationDefinition. */
  readonly definition: string;
  /** For readers of the CapabilityStatement. */
  readonly documentation: string;
  /** Also on one resource, `[type]/[id]/$name`: its url then stands for the parameter `url`. */
  readonly onInstance: boolean;
  readonly inputs: InputTable;
  /** @param url of the instance, when it was called on one; @param at milliseconds since the epoch */
  readonly run: (
    terminology: Terminology,
    inputs: Inputs,
    url: string | undefined,
    at: number,
  ) => Result<Resource, Failure>;
}

const missing = (text: string): Result<never, Failure> => fail(failure('malformed', 'required', text));

const withVersion = (url: string, version: string | undefined): string =>
  version === undefined || url.includes('|') ? url : `${url}|${version}`;

/** The value set a call is about: that of the path, of `url`, or the one it brings along; one of them. */
const valueSetOf = (inputs: Inputs, instance: string | undefined): Result<NamedValueSet, Failure> => {
  const url = inputs.text('url');
  const given = [instance, url, inputs.valueSet].filter((one) => one !== undefined);
  const [valueSet] = given;
  if (valueSet === undefined) return missing('Say which ValueSet: url, or valueSet in Parameters by POST.');
  if (given.length > 1) {
    return fail(
      failure(
        'malformed',
        'invalid',
        'Only one of url, valueSet and the id in the path may say which ValueSet.',
      ),
    );
  }
  if (typeof valueSet !== 'string') return ok(valueSet);
  return ok(withVersion(valueSet, inputs.text('valueSetVersion')));
};

/** The codings to be validated: `code` with its system, `coding` or `codeableConcept`; one of them. */
const codingsOf = (inputs: Inputs, system: string | undefined): Result<readonly Coding[], Failure> => {
  const code = inputs.text('code');
  const given = [code, inputs.coding, inputs.codeableConcept].filter((one) => one !== undefined);
  if (given.length !== 1) {
    return missing('Say what to validate by exactly one of code, coding and codeableConcept.');
  }
  if (inputs.coding !== undefined) return ok([inputs.coding]);
  if (inputs.codeableConcept !== undefined) return ok(inputs.codeableConcept.coding ?? []);
  if (system === undefined) return missing('A code is validated together with its system.');
  const display = inputs.text('display');
  return ok([
    { system, ...(code === undefined ? {} : { code }), ...(display === undefined ? {} : { display }) },
  ]);
};

const expandOperation: TerminologyOperation['run'] = (terminology, inputs, instance, at) => {
  const valueSet = valueSetOf(inputs, instance);
  if (!valueSet.ok) return valueSet;
  const options = {
    filter: inputs.text('filter'),
    count: inputs.count('count'),
    offset: inputs.count('offset'),
    includeDesignations: inputs.boolean('includeDesignations'),
    includeDefinition: inputs.boolean('includeDefinition'),
  };
  return terminology.expand(valueSet.value, options, at);
};

const validateInValueSet: TerminologyOperation['run'] = (terminology, inputs, instance) => {
  const valueSet = valueSetOf(inputs, instance);
  if (!valueSet.ok) return valueSet;
  const codings = codingsOf(inputs, inputs.text('system'));
  return codings.ok ? terminology.validateCodeInValueSet(valueSet.value, codings.value) : codings;
};

const validateInCodeSystem: TerminologyOperation['run'] = (terminology, inputs, instance) => {
  const url = inputs.text('url');
  if (instance !== undefined && url !== undefined && url !== instance) {
    return fail(failure('malformed', 'invalid', 'The id in the path and url name different code systems.'));
  }
  const system = instance ?? url ?? inputs.coding?.system;
  if (system === undefined) return missing('Say which code system: url.');
  const codings = codingsOf(inputs, system);
  return codings.ok
    ? terminology.validateCodeInCodeSystem(withVersion(system, inputs.text('version')), codings.value)
    : codings;
};

const lookupOperation: TerminologyOperation['run'] = (terminology, inputs) => {
  const { coding } = inputs;
  const given = coding ?? { system: inputs.text('system'), code: inputs.text('code') };
  if (coding !== undefined && inputs.text('code') !== undefined) {
    return fail(failure('malformed', 'invalid', 'Only one of code and coding may be given.'));
  }
  if (given.system === undefined || given.code === undefined) {
    return missing('Say what to look up: system and code, or coding in Parameters by POST.');
  }
  const system = withVersion(given.system, inputs.text('version') ?? coding?.version);
  return terminology.lookup(system, given.code, inputs.texts('property'));
};

const definition = (name: string): string => `http://hl7.org/fhir/OperationDefinition/${name}`;

/** The table of operations; it feeds the routes and the CapabilityStatement. */
export const TERMINOLOGY_OPERATIONS: readonly TerminologyOperation[] = [
  {
    type: 'ValueSet',
    name: 'expand',
    definition: definition('ValueSet-expand'),
    documentation:
      "The codes of a ValueSet of this server, or of one of R4's required ones by url. One that cannot be listed is refused by its reason.",
    onInstance: true,
    inputs: {
      url: 'text',
      valueSet: 'ValueSet',
      valueSetVersion: 'text',
      filter: 'text',
      offset: 'count',
      count: 'count',
      includeDesignations: 'boolean',
      includeDefinition: 'boolean',
      // The expansions here are flat lists of active codes in one language, whatever these say.
      activeOnly: 'ignored',
      excludeNested: 'ignored',
      excludeNotForUI: 'ignored',
      excludePostCoordinated: 'ignored',
      displayLanguage: 'ignored',
    },
    run: expandOperation,
  },
  {
    type: 'ValueSet',
    name: 'validate-code',
    definition: definition('ValueSet-validate-code'),
    documentation: 'Is a code, with its system, in a ValueSet?',
    onInstance: true,
    inputs: {
      url: 'text',
      valueSet: 'ValueSet',
      valueSetVersion: 'text',
      code: 'text',
      system: 'text',
      display: 'text',
      coding: 'Coding',
      codeableConcept: 'CodeableConcept',
      abstract: 'ignored',
      displayLanguage: 'ignored',
    },
    run: validateInValueSet,
  },
  {
    type: 'CodeSystem',
    name: 'validate-code',
    definition: definition('CodeSystem-validate-code'),
    documentation: 'Is a code in a CodeSystem?',
    onInstance: true,
    inputs: {
      url: 'text',
      version: 'text',
      code: 'text',
      display: 'text',
      coding: 'Coding',
      codeableConcept: 'CodeableConcept',
      abstract: 'ignored',
      displayLanguage: 'ignored',
    },
    run: validateInCodeSystem,
  },
  {
    type: 'CodeSystem',
    name: 'lookup',
    definition: definition('CodeSystem-lookup'),
    documentation:
      'Display, definition, properties and designations of a code of a CodeSystem of this server.',
    onInstance: false,
    inputs: {
      code: 'text',
      system: 'text',
      version: 'text',
      coding: 'Coding',
      property: 'texts',
      displayLanguage: 'ignored',
    },
    run: lookupOperation,
  },
];
