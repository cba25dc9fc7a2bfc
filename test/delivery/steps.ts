import type { DeliveryDeps, Sender } from '../../src/delivery/deps.ts';
import type { World } from './world.ts';

/** What happens at a step of a write: everything that goes through a port is one. */
export type Interference = (step: number, when: 'before' | 'after') => 'go on' | 'die' | 'throw';

/** The process has died: its promises never continue. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

/**
 * One server process over a world: every call of a port is a numbered step, before and after which the process
 * may die, or the port fail.
 */
export class Process {
  readonly names: string[] = [];
  /** Resolves when the process dies. */
  readonly death: Promise<'died'>;
  #dead = false;
  #die: () => void = () => {};
  readonly #interfere: Interference;
  /** Called before each step; lets a test order the steps of several processes. */
  readonly #turn: () => Promise<void>;

  constructor(interfere: Interference, turn: () => Promise<void> = async () => {}) {
    this.#interfere = interfere;
    this.#turn = turn;
    this.death = new Promise((resolve) => {
      this.#die = () => resolve('died');
    });
  }

  get steps(): number {
    return this.names.length;
  }

  #act(step: number, when: 'before' | 'after'): boolean {
    const what = this.#interfere(step, when);
    if (what === 'throw') throw new Error(`the port failed ${when} step ${step}`);
    if (what === 'go on') return true;
    this.#dead = true;
    this.#die();
    return false;
  }

  async #step<T>(name: string, work: () => Promise<T>): Promise<T> {
    await this.#turn();
    if (this.#dead) return never();
    const step = this.names.push(name);
    if (!this.#act(step, 'before')) return never();
    const value = await work();
    return !this.#dead && this.#act(step, 'after') ? value : never();
  }

  /** Reading the clock cannot be waited for; a process that dies there does nothing more. */
  #clock(read: () => number): number {
    if (this.#dead) return read();
    const step = this.names.push('clock');
    if (this.#interfere(step, 'before') === 'die') {
      this.#dead = true;
      this.#die();
    }
    return read();
  }

  deps(world: World): Partial<DeliveryDeps> {
    const system: Sender = {
      send: (request, context) => this.#step('send', () => world.service.send(request, context)),
    };
    return {
      clock: () => this.#clock(() => world.time),
      database: {
        query: (statement) => this.#step('query', () => world.database.query(statement)),
        batch: (statements) => this.#step('batch', () => world.database.batch(statements)),
      },
      repository: {
        vread: (...version) => this.#step('query', () => world.repository.vread(...version)),
        versionStatements: (...made) => world.repository.versionStatements(...made),
      },
      keys: {
        hashAll: (use, text) => this.#step('hash', async () => [`${use}#${text}`]),
      },
      systems: (name) => (name === 'helsenorge' ? system : undefined),
    };
  }
}

/** Lets time pass and settles until nothing is open any more. */
export const settleAll = async (world: World): Promise<void> => {
  for (let round = 0; round < 20; round += 1) {
    if ((await world.count(`intent where state = 'claimed'`)) === 0) return;
    await world.pass(61_000);
    await world.delivery().settleDue();
  }
  throw new Error('a write was never settled');
};
