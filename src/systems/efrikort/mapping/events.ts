import type { Extension } from '@medplum/fhirtypes';
import { EFRIKORT_STATE, EVENT } from '../codes.ts';
import { type ConnectionEvent, EVENT_KINDS, type Evidence } from '../model.ts';
import { isState } from '../states.ts';

const part = (url: string, value: Omit<Extension, 'url'> | undefined): readonly Extension[] =>
  value === undefined ? [] : [{ url, ...value }];

const evidencePart = (evidence: Evidence | undefined): readonly Extension[] => {
  if (evidence === undefined) return [];
  return 'attachment' in evidence
    ? part('evidence', { valueAttachment: evidence.attachment })
    : part('evidence', { valueReference: evidence.reference });
};

export const writeEvent = (event: ConnectionEvent): Extension => ({
  url: EVENT,
  extension: [
    { url: 'state', valueCoding: { system: EFRIKORT_STATE, code: event.state } },
    { url: 'time', valueInstant: event.time },
    ...part('kind', event.kind === undefined ? undefined : { valueCode: event.kind }),
    ...part('actor', event.actor === undefined ? undefined : { valueString: event.actor }),
    ...part('note', event.note === undefined ? undefined : { valueString: event.note }),
    ...part('written', event.written === undefined ? undefined : { valueBoolean: event.written }),
    ...part('message-id', event.messageId === undefined ? undefined : { valueString: event.messageId }),
    ...evidencePart(event.evidence),
  ],
});

const readEvidence = (found: Extension | undefined): Evidence | undefined => {
  if (found?.valueAttachment !== undefined) return { attachment: found.valueAttachment };
  return found?.valueReference === undefined ? undefined : { reference: found.valueReference };
};

/** One event; undefined when it has no known state or no time. */
export const readEvent = ({ extension }: Extension): ConnectionEvent | undefined => {
  const find = (url: string): Extension | undefined => extension?.find((one) => one.url === url);
  const state = find('state')?.valueCoding?.code;
  const time = find('time')?.valueInstant;
  if (!isState(state) || time === undefined) return undefined;
  const kind = EVENT_KINDS.find((known) => known === find('kind')?.valueCode);
  const actor = find('actor')?.valueString;
  const note = find('note')?.valueString;
  const written = find('written')?.valueBoolean;
  const messageId = find('message-id')?.valueString;
  const evidence = readEvidence(find('evidence'));
  return {
    state,
    time,
    ...(kind === undefined ? {} : { kind }),
    ...(actor === undefined ? {} : { actor }),
    ...(note === undefined ? {} : { note }),
    ...(written === undefined ? {} : { written }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(evidence === undefined ? {} : { evidence }),
  };
};
