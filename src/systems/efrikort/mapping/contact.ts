import type { Basic, HumanName, Practitioner } from '@medplum/fhirtypes';
import { isAddress } from '../../../mail/address.ts';
import type { Contact } from '../model.ts';
import { type Findings, judgeLine } from './context.ts';

const CONTAINED = 'Basic.contained';

const nameOf = (names: readonly HumanName[] | undefined): string => {
  const [name] = names ?? [];
  if (name === undefined) return '';
  return (name.text ?? [...(name.given ?? []), name.family ?? ''].join(' ')).trim();
};

/** Words of mailboxes and desks; the source asks for a named person. */
const FUNCTION = /\b(support|info|kontakt|contact|servicedesk|helpdesk|funktion|team|drift|admin|noreply)\b/i;

const practitionerOf = (
  basic: Basic,
): { readonly practitioner: Practitioner; readonly path: string } | undefined => {
  const id = /^#(.+)$/.exec(basic.author?.reference ?? '')?.[1];
  for (const [index, resource] of (basic.contained ?? []).entries()) {
    if (resource.resourceType === 'Practitioner' && resource.id === id) {
      return { practitioner: resource, path: `${CONTAINED}[${index}]` };
    }
  }
  return undefined;
};

const telecomOf = ({ telecom }: Practitioner, system: 'email' | 'phone'): string =>
  (telecom?.find((one) => one.system === system && one.use !== 'old')?.value ?? '').trim();

/** The contact person; undefined, with a finding each, when a part is missing or unusable. */
export const readContact = (basic: Basic, findings: Findings): Contact | undefined => {
  const found = practitionerOf(basic);
  if (found === undefined) {
    const why = 'author must refer to a contained Practitioner with name, mail address and telephone number.';
    findings.add('contact-missing', 'Basic.author', why);
    return undefined;
  }
  const { practitioner, path } = found;
  const name = nameOf(practitioner.name);
  const email = telecomOf(practitioner, 'email');
  const phone = telecomOf(practitioner, 'phone');
  const { add, issues } = findings;
  const before = issues.filter(({ severity }) => severity === 'error').length;
  if (name === '') add('contact-name-missing', `${path}.name`, 'The mail names a person.');
  else if (judgeLine(name, `${path}.name`, findings, { personal: true }) && FUNCTION.test(name)) {
    add(
      'contact-not-a-person',
      `${path}.name`,
      'eFrikort asks for a named person, not a function.',
      'warning',
    );
  }
  if (email === '')
    add('contact-email-missing', `${path}.telecom`, 'The mail names the mail address of the contact.');
  else if (judgeLine(email, `${path}.telecom`, findings, { personal: true }) && !isAddress(email)) {
    add('contact-email-malformed', `${path}.telecom`, 'The mail address must be name@domain in ASCII.');
  }
  if (phone === '')
    add('contact-phone-missing', `${path}.telecom`, 'The mail names the telephone number of the contact.');
  else judgeLine(phone, `${path}.telecom`, findings, { personal: true });
  const faults = issues.filter(({ severity }) => severity === 'error').length;
  return faults > before ? undefined : { name, email, phone };
};
