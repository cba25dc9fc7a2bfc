import { alternativesOf, type Content, childOf, contentOf, contentOfType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition, ValueSets } from '../definitions/types.ts';
import type { IsCanonical, SystemOf } from './parameters.ts';

/** Value sets that are a registry or a grammar of its own, not a list. R4, "code systems of the internet". */
const REGISTRIES: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': 'urn:ietf:bcp:13',
  'http://hl7.org/fhir/ValueSet/all-languages': 'urn:ietf:bcp:47',
  'http://hl7.org/fhir/ValueSet/currencies': 'urn:iso:std:iso:4217',
};

const PATH = /^[A-Z]\w*(?:\.[a-z]\w*)+$/;

const elementAt = (definitions: Definitions, path: string): ElementDefinition | undefined => {
  if (!PATH.test(path)) return undefined;
  const [type = '', ...names] = path.split('.');
  let content: Content = contentOfType(definitions, type);
  let element: ElementDefinition | undefined;
  for (const name of names) {
    if (element !== undefined) content = contentOf(definitions, content, element);
    element = childOf(definitions, content, name);
    if (element === undefined) return undefined;
  }
  return element;
};

/**
 * Gives the code system of the codes at a path: of an element of the type `code` whose required value set draws
 * on exactly one. R4 on token: "the system is implied" where the element itself has none.
 */
export const createSystemOf = (definitions: Definitions, valueSets: ValueSets): SystemOf => {
  const systemOfSet = (url: string): string | undefined => {
    const bare = url.split('|')[0] ?? '';
    const systems = Object.keys(valueSets[bare] ?? {});
    return systems.length === 1 ? systems[0] : REGISTRIES[bare];
  };

  return (path) => {
    const element = elementAt(definitions, path);
    if (element?.binding?.strength !== 'required') return undefined;
    const [only, ...more] = alternativesOf(element);
    if (only?.type?.code !== 'code' || more.length > 0) return undefined;
    return systemOfSet(element.binding.valueSet);
  };
};

/** Tells the paths at which a canonical stands, which R4 searches as a reference: `QuestionnaireResponse.questionnaire`. */
export const createIsCanonical =
  (definitions: Definitions): IsCanonical =>
  (path) => {
    const [only, ...more] = alternativesOf(elementAt(definitions, path) ?? { path });
    return only?.type?.code === 'canonical' && more.length === 0;
  };
