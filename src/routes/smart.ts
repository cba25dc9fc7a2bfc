import type { Hono } from 'hono';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import type { SmartConfiguration } from '../security/smart.ts';
import { refuseOtherMethods } from './other-methods.ts';

const NAME = '.well-known/smart-configuration';

/**
 * SMART's discovery document, below the FHIR base where SMART App Launch looks for it and at the root. Discovery: no
 * token, no header rule. Without an issuer of JWTs there is nothing at these paths.
 */
export const mountSmart = (
  app: Hono,
  { stages }: Pick<Facade, 'stages'>,
  smart: SmartConfiguration | undefined,
): void => {
  if (smart === undefined) return;
  for (const path of [`/${NAME}`, `/fhir/${NAME}`]) {
    app.get(path, (context) => {
      // Always JSON, whatever is accepted: SMART's clients ask for it in many ways.
      const { echo } = renderingOf(stages, context.req.raw, '').how;
      return context.json(smart, undefined, { ...echo });
    });
    refuseOtherMethods(app, { stages }, path, ['GET', 'HEAD']);
  }
};
