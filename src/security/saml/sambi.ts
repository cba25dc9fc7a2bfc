import type { ClaimMapping } from '../claims.ts';
import { NLL_ROLE } from '../nll-role.ts';

const sambi = <Name extends string>(name: Name) => `http://sambi.se/attributes/1/${name}` as const;

/** Attribute that says the level of assurance; its value is a URI such as `http://id.sambi.se/loa/loa3`. */
export const LOA_ATTRIBUTE = 'urn:sambi:names:attribute:levelOfAssurance';

/** Names the same employee in every assertion, where NameID is made up for each. */
export const EMPLOYEE_ATTRIBUTE = sambi('employeeHsaId');

/**
 * Sambi's attributes, from which NLL's own tickets are made: no scopes, the role alone decides. What the attributes
 * are called is public; which of them makes which role is the inference of `NLL_ROLE`.
 */
export const SAMBI_CLAIMS: ClaimMapping = {
  subject: 'sub',
  clientId: 'client_id',
  role: {
    ...NLL_ROLE,
    prescriberCode: sambi('personalPrescriptionCode'),
    careProvider: sambi('healthcareProviderId'),
    professions: sambi('healthcareProfessionalLicense'),
    pharmacy: sambi('pharmacyIdentifier'),
    personalNumber: sambi('personalIdentityNumber'),
  },
  scope: 'scope',
  withoutScope: 'role',
  person: [
    {
      claim: sambi('personalIdentityNumber'),
      system: 'http://electronichealth.se/identifier/personnummer',
    },
    {
      claim: sambi('personalPrescriptionCode'),
      system: 'http://electronichealth.se/identifier/forskrivarkod',
    },
  ],
  representedPersons: [],
  organization: [
    { claim: sambi('healthcareProviderId'), system: 'urn:oid:2.5.4.97' },
    { claim: sambi('pharmacyIdentifier'), system: 'http://electronichealth.se/identifier/gln' },
    { claim: sambi('healthCareProviderHsaId'), system: 'urn:oid:1.2.752.29.4.19' },
  ],
  loa: 'loa',
};
