import type { Consent } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { finding } from './findings.ts';

const PROOF = 'Consent.source';

/** Media types that PVK takes as proof of a consent on paper. */
const MEDIA_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/bmp', 'application/pdf']);

/** 4 MiB, before base64: the limit a client in production keeps to. */
const MOST_BYTES = 4 * 1024 * 1024;

const WHITE_SPACE = /\s/;
const ALL_WHITE_SPACE = /\s+/g;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export interface Proof {
  readonly signertBevisMimeType: string;
  readonly signertBevisInnhold: string;
}

const judgeMediaType = (contentType: string | undefined, issues: Issue[]): string | undefined => {
  if (contentType === undefined) {
    const why = 'The media type of the proof is missing.';
    issues.push(finding('proof-media-type-missing', `${PROOF}.contentType`, why));
    return undefined;
  }
  const mediaType = contentType.toLowerCase();
  if (MEDIA_TYPES.has(mediaType)) return mediaType;
  const hint = mediaType === 'image/jpg' ? ' The media type of a JPEG is image/jpeg.' : '';
  const why = `PVK takes image/png, image/jpeg, image/bmp or application/pdf.${hint}`;
  issues.push(finding('proof-media-type', `${PROOF}.contentType`, why));
  return undefined;
};

const judgeData = (data: string, issues: Issue[]): string | undefined => {
  // R4 allows white space inside base64; PVK's decoder may not.
  const base64 = WHITE_SPACE.test(data) ? data.replace(ALL_WHITE_SPACE, '') : data;
  if (base64.length % 4 !== 0 || base64.length === 0 || !BASE64.test(base64)) {
    issues.push(finding('proof-base64', `${PROOF}.data`, 'The proof is not valid base64.'));
    return undefined;
  }
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if ((base64.length / 4) * 3 - padding > MOST_BYTES) {
    const why = 'The proof has more than 4 MiB (4194304 bytes) before base64.';
    issues.push(finding('proof-too-long', `${PROOF}.data`, why));
    return undefined;
  }
  return base64;
};

/** The signed proof; undefined when there is none, or a finding says why it cannot be sent. */
export const readProof = (
  consent: Consent,
  entry: CatalogueEntry | undefined,
  aktiv: boolean | undefined,
  issues: Issue[],
): Proof | undefined => {
  const attachment = consent.sourceAttachment;
  if (attachment === undefined) return undefined;
  if (aktiv === false) {
    const why = 'A withdrawal is sent without proof.';
    issues.push(finding('withdrawal-with-content', PROOF, why));
  }
  if (entry?.proof === 'forbidden') {
    issues.push(finding('proof-forbidden', PROOF, 'This definition takes no signed proof.'));
  }
  const mediaType = judgeMediaType(attachment.contentType, issues);
  if (attachment.url !== undefined) {
    const why = 'A proof behind a URL is not fetched: give its content in data.';
    issues.push(finding('proof-url-not-supported', `${PROOF}.url`, why));
  }
  if (attachment.data === undefined) {
    if (attachment.url === undefined) {
      const why = 'The content of the proof is missing.';
      issues.push(finding('proof-data-missing', `${PROOF}.data`, why));
    }
    return undefined;
  }
  const content = judgeData(attachment.data, issues);
  return mediaType === undefined || content === undefined
    ? undefined
    : { signertBevisMimeType: mediaType, signertBevisInnhold: content };
};
