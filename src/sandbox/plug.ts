import type { SandboxPlug } from '../platform.ts';
import { sql } from '../ports.ts';
import { SIMULATOR_SCHEMA } from '../systems/simulation/state.ts';
import { EXCHANGE_SCHEMA } from './exchanges.ts';
import { mountSandbox } from './routes.ts';
import { createSandbox } from './sandbox.ts';
import { isSeeded, seedStatements } from './seed.ts';

/** The sandbox as `createApp` takes it. Only builds with a sandbox import this file. */
export const SANDBOX: SandboxPlug = {
  schema: [...SIMULATOR_SCHEMA.map((statement) => sql(statement)), ...EXCHANGE_SCHEMA],
  open: async (parts) => {
    const sandbox = await createSandbox(parts);
    return {
      clock: sandbox.clock,
      secret: sandbox.secret,
      issuer: sandbox.issuer,
      openCaller: sandbox.openCaller,
      grants: sandbox.grants,
      helsenorge: sandbox.helsenorge,
      denmark: sandbox.denmark.place,
      efrikort: sandbox.efrikort.place,
      guide: async () => (await import('./guide.ts')).GUIDE,
      mount: (app, hooks) => mountSandbox(app, sandbox, hooks),
      seed: async (hooks) => {
        if (await isSeeded(hooks.database)) return;
        await hooks.database.batch(seedStatements(hooks, sandbox.clock.now()));
      },
    };
  },
};
