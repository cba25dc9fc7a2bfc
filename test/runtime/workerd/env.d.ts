declare namespace Cloudflare {
  interface Env {
    DB: D1Database;
  }

  /** The Worker under test, so that `exports.default` is known. */
  interface GlobalProps {
    mainModule: typeof import('../../../src/runtime/workerd/sandbox-worker.ts');
  }
}
