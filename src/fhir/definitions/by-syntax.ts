/** A required value set without a list of codes: what its codes look like, and why no list is bundled. */
interface CodeSyntax {
  /** The code system of all its codes. */
  readonly system: string;
  readonly pattern: RegExp;
  readonly reason: string;
}

/**
 * The required value sets that are checked by syntax only. Every other one is enumerated at build time, and
 * the build stops at one that is neither.
 */
export const BY_SYNTAX: Readonly<Record<string, CodeSyntax>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': {
    system: 'urn:ietf:bcp:13',
    // RFC 2045's type/subtype with parameters, and the short forms that R4's own CapabilityStatements use.
    pattern:
      /^([\w!#$&^.+-]+\/[\w!#$&^.+*-]+(\s*;\s*[\w!#$&^.+-]+=("[^"]*"|[\w!#$&^.+:/-]+))*|json|xml|ttl)$/,
    reason: 'BCP 13 is an open registry with a grammar',
  },
  'http://hl7.org/fhir/ValueSet/all-languages': {
    system: 'urn:ietf:bcp:47',
    pattern: /^([a-zA-Z]{2,8}|[xX])(-[a-zA-Z0-9]{1,8})*$/,
    reason: 'BCP 47 is a grammar',
  },
  'http://hl7.org/fhir/ValueSet/currencies': {
    system: 'urn:iso:std:iso:4217',
    pattern: /^[A-Z]{3}$/,
    reason: 'ISO 4217 is not part of the R4 package',
  },
};
