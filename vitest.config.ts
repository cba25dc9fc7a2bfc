import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

// Nothing may leave the machine: workerd's test pool would ask for metadata otherwise.
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';
process.env['WRANGLER_SEND_METRICS'] = 'false';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          setupFiles: ['./test/fhirpath.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/runtime/workerd/**', 'test/bench/**', '**/node_modules/**'],
          environment: 'node',
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml', environment: 'sandbox' } })],
        test: {
          name: 'workerd',
          setupFiles: ['./test/fhirpath.ts'],
          include: ['test/runtime/workerd/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
    ],
  },
});
