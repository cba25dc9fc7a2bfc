/** What a Provenance must say, which differs by what is written. */
export interface ProvenanceRule {
  readonly activity: 'required' | 'optional';
  readonly reason: 'required' | 'optional' | 'forbidden';
  /** False: this server has no such resource; the row is there to show and to test the rule. */
  readonly applies: boolean;
  readonly words: string;
  readonly source: string;
}

export type ResourceKind =
  | 'facade'
  | 'prescription'
  | 'prescription-stopped'
  | 'access-consent'
  | 'data-lock';

/**
 * By kind of resource. A Consent of this server is a Norwegian privacy setting, not NLL's registered access
 * consent, so NLL's rule for that one does not hold for it.
 */
export const PROVENANCE_RULES: Readonly<Record<ResourceKind, ProvenanceRule>> = {
  facade: {
    activity: 'optional',
    reason: 'optional',
    applies: true,
    words: 'Everything this server writes',
    source: 'project decision',
  },
  prescription: {
    activity: 'optional',
    reason: 'optional',
    applies: false,
    words: 'Förskrivning; the code lists are not public',
    source: 'S 9',
  },
  'prescription-stopped': {
    activity: 'required',
    reason: 'required',
    applies: false,
    words: 'NLLProvenanceMedicationRequestStopped',
    source: 'S 9',
  },
  'access-consent': {
    activity: 'required',
    reason: 'forbidden',
    applies: false,
    words: 'NLLProvenanceConsentAccess 1.0.4',
    source: 'S 9',
  },
  'data-lock': {
    activity: 'required',
    reason: 'forbidden',
    applies: false,
    words: 'NLLProvenanceBasicDataLock',
    source: 'S 9',
  },
};

/** Characters of `reason.text`; 512 before release 21.6. */
export const REASON_TEXT_MAX = 256;

/** Characters of the extension userAcronym on a Practitioner. */
export const USER_ACRONYM_MAX = 20;
