import { CANONICAL } from '../canonical.ts';
import type { Operation } from '../routes/metadata.ts';

const row = (
  name: string,
  documentation: string,
  rest: Pick<Operation, 'pattern' | 'at'> = { pattern: '2.3', at: { instance: ['POST'] } },
): Operation => ({
  name,
  type: 'Basic',
  definition: `${CANONICAL}/OperationDefinition/${name}`,
  documentation,
  ...rest,
});

/** eFrikort's rows for the CapabilityStatement, OpenAPI and the start page. */
export const EFRIKORT_OPERATIONS: readonly Operation[] = [
  row(
    'mail',
    'The mail of an eFrikort connection as it would go out now: a Binary, message/rfc822, or with text/uri-list a mailto:. Nothing is sent.',
    { pattern: '2.2.1', at: { instance: ['GET', 'POST'] } },
  ),
  row(
    'submit',
    'Sends the mail of an eFrikort connection, or with sentByHand records that it went. Never sent twice by itself: resend=true is a new attempt.',
  ),
  row('region-approve', 'The region has approved in writing (written, approver, evidence).'),
  row('region-reject', 'The region has said no.'),
  row('grant', "CGI has given access; only after the region's approval."),
  row('test-passed', 'The tests against TEST are done, which opens PRODUKTION.'),
  row('revoke', 'Access that was granted has ended.'),
  row('cancel', 'The request is given up before access was granted.'),
  row(
    'test-connection',
    'Fetches the description of GetCardForPerson over two-way TLS with the client certificate, and says what came of it. No card is read.',
    { pattern: '2.2.1', at: { type: ['POST'] } },
  ),
];
