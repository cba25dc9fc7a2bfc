import { ok } from '../result.ts';
import { sameContent } from '../systems/efrikort/mapping.ts';
import type { Efrikort } from '../systems/efrikort/system.ts';
import { asBasic, basicWrite } from './basic.ts';
import type { ConnectedParts } from './entry.ts';

/**
 * Basic efrikort-connection. Creating, changing and deleting one tells nobody: only `$submit` sends a mail, and the
 * preview shows that mail.
 */
export const efrikortConnection = (efrikort: Efrikort): ConnectedParts => ({
  previewLater: async (resource) => {
    const shown = await efrikort.previewCreate(asBasic(resource));
    return shown.ok ? ok(shown.value.preview) : shown;
  },
  write: {
    system: 'efrikort',
    plan: (write) => efrikort.plan(basicWrite(write)),
    uniqueKey: (resource) => efrikort.uniqueKey(asBasic(resource)),
    sameContent: (a, b) => sameContent(asBasic(a), asBasic(b)),
    // Said at once, and not only when the mail is to go out.
    attach: async (plan) => {
      const warning =
        plan.resource === undefined ? undefined : await efrikort.contactWarning(asBasic(plan.resource));
      return ok(warning === undefined ? plan : { ...plan, issues: [...plan.issues, warning] });
    },
  },
});
