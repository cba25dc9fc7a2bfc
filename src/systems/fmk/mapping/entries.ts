import type { Basic } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { CVR_SYSTEM } from '../../organizations.ts';
import type { FocesWhitelisting } from '../message.ts';
import { BASIC_KIND, CERT_HASH, FOCES_ID, FOCES_ID_SYSTEM, FOCES_WHITELISTING } from './codes.ts';
import { finding } from './findings.ts';
import { whitelistingKey } from './normalise.ts';

/** FMK's three values. */
export interface Whitelisting {
  readonly cvr: string;
  readonly focesId: string;
  readonly certHash?: string;
}

export const toEntry = ({ cvr, focesId, certHash }: Whitelisting): FocesWhitelisting => ({
  OrganisationIdentifier: { source: 'CVR', value: cvr },
  FocesId: focesId,
  ...(certHash === undefined ? {} : { CertHash: certHash }),
});

/** The three values of a stored Basic, as they stand there. */
export const storedWhitelisting = (basic: Basic): Whitelisting | undefined => {
  const extensionOf = (url: string) => basic.extension?.find((one) => one.url === url)?.valueString;
  const cvr = basic.subject?.identifier?.value;
  const focesId = extensionOf(FOCES_ID);
  const certHash = extensionOf(CERT_HASH);
  if (cvr === undefined || focesId === undefined) return undefined;
  return { cvr, focesId, ...(certHash === undefined ? {} : { certHash }) };
};

/** A whitelisting made elsewhere, as far as FMK tells of it: not who made it, nor when. */
export const toBasic = ({ OrganisationIdentifier, FocesId, CertHash }: FocesWhitelisting): Basic => ({
  resourceType: 'Basic',
  extension: [
    { url: FOCES_ID, valueString: FocesId },
    ...(CertHash === undefined ? [] : [{ url: CERT_HASH, valueString: CertHash }]),
  ],
  identifier: [{ system: FOCES_ID_SYSTEM, value: FocesId }],
  code: { coding: [{ system: BASIC_KIND, code: FOCES_WHITELISTING }] },
  subject: {
    type: 'Organization',
    identifier: { system: CVR_SYSTEM, value: OrganisationIdentifier.value },
  },
});

/** What FMK's entry is recognised by. */
export const entryKey = ({ OrganisationIdentifier, FocesId, CertHash }: FocesWhitelisting): string =>
  whitelistingKey(OrganisationIdentifier.value, FocesId, CertHash);

/** An answer of GetFocesWhitelistings for one CVR. */
export interface Listed {
  readonly cvr: string;
  readonly entries: readonly FocesWhitelisting[];
  /** False when FMK pages or an entry could not be read: then nobody is missing for certain. */
  readonly complete: boolean;
}

/** The store held against FMK's list. */
export interface Merged<S> {
  /** In both. */
  readonly confirmed: readonly S[];
  /** Made elsewhere: to be stored. */
  readonly learnt: readonly Basic[];
  /** Deleted elsewhere: to be marked as deleted. Always empty when the list is not complete. */
  readonly gone: readonly S[];
  readonly issues: readonly Issue[];
}

/** Holds the stored Basics of one CVR against FMK's list. Pure. */
export const mergeListed = <S extends { readonly basic: Basic }>(
  listed: Listed,
  stored: readonly S[],
): Merged<S> => {
  const issues: Issue[] = [];
  const inFmk = new Map<string, FocesWhitelisting>();
  let foreign = false;
  for (const entry of listed.entries) {
    const { source, value } = entry.OrganisationIdentifier;
    if (source === 'CVR' && value === listed.cvr) inFmk.set(entryKey(entry), entry);
    else foreign = true;
  }
  if (foreign) {
    const why = 'FMK told of whitelistings of another organisation, too; they are left out.';
    issues.push(finding('answer-other-organisation', 'Basic', why, 'warning'));
  }
  if (!listed.complete) {
    const why = "FMK's list is not complete; whitelistings that are missing from it count as still there.";
    issues.push(finding('answer-incomplete', 'Basic', why, 'warning'));
  }
  const confirmed: S[] = [];
  const gone: S[] = [];
  for (const one of stored) {
    const entry = storedWhitelisting(one.basic);
    if (entry === undefined || entry.cvr !== listed.cvr) continue;
    const key = whitelistingKey(entry.cvr, entry.focesId, entry.certHash);
    if (inFmk.delete(key)) confirmed.push(one);
    else if (listed.complete) gone.push(one);
  }
  return { confirmed, learnt: [...inFmk.values()].map(toBasic), gone, issues };
};

/** Whether FMK's answer to a write is about what was sent; else a warning. */
export const judgeEcho = (sent: FocesWhitelisting, answered: FocesWhitelisting): readonly Issue[] => {
  const same =
    answered.OrganisationIdentifier.source === sent.OrganisationIdentifier.source &&
    entryKey(sent) === entryKey(answered);
  if (same) return [];
  const why = 'FMK answered with other values than it was sent. What was sent is stored; read again to see.';
  return [finding('answer-differs', 'Basic', why, 'warning')];
};
