import { echoHeaders } from '../headers/echo.ts';
import { respondFailure, withHeaders } from '../http/answer.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import { refusePersonNumbers } from '../interactions/url-guard.ts';

type Answering = (request: Request) => Response | Promise<Response>;

/** No stage of FHIR has seen these calls: their answers repeat the caller's ids all the same. */
const echoing = async (
  { stages }: Facade,
  request: Request,
  answer: Response | Promise<Response>,
): Promise<Response> => withHeaders(await answer, { ...echoHeaders(request.headers, stages.headers) });

const isFhirCall = (url: string, method: string): boolean => method !== 'OPTIONS' && url.includes('/fhir/');

/**
 * What stands before every call from outside, whatever its path: national identity numbers in URLs are refused,
 * and the caller's ids are repeated. Calls that the server makes to itself (a Bundle's entries) do not come by.
 */
export const atTheFront =
  (facade: Facade, answer: Answering): Answering =>
  (request) => {
    const refused = refusePersonNumbers(facade.server.persons, request.url);
    if (refused !== undefined) return respondFailure(refused, renderingOf(facade.stages, request, '').how);
    return isFhirCall(request.url, request.method)
      ? answer(request)
      : echoing(facade, request, answer(request));
  };
