import { describe } from 'vitest';
import type { Open } from './server.ts';
import { THEMES } from './themes.ts';

/**
 * The facade from outside: HTTP in, and what the national service was sent out. Nothing here knows a runtime;
 * each one opens the app its own way and runs the same suite.
 */
export const e2eSuite = (name: string, open: Open): void => {
  describe(name, () => {
    for (const theme of THEMES) theme(open);
  });
};
