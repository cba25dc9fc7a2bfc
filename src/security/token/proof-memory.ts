/** Which proofs have been shown. A store behind it may share them between instances. */
export interface ProofMemory {
  /**
   * Remembers a proof, in one step with asking for it.
   *
   * @param name of the proof, unique for key and `jti`
   * @param until milliseconds since the epoch, after which the proof would be refused for its age anyway
   * @param now milliseconds since the epoch
   * @returns `full` when there is no room: nothing was remembered then
   */
  remember(name: string, until: number, now: number): ProofAnswer | Promise<ProofAnswer>;
}

export type ProofAnswer = 'new' | 'seen' | 'full';

const CAPACITY = 200_000;
/** Milliseconds; a sweep looks at every proof, so a full memory must not cause one at each call. */
const SWEEP_INTERVAL = 1_000;

/**
 * Remembers in this process. Nothing that is still valid is forgotten for want of room: whoever could push proofs
 * out could show an old one again.
 *
 * @param capacity proofs
 */
export const createProofMemory = (capacity = CAPACITY): ProofMemory => {
  const ends = new Map<string, number>();
  let sweptAt = 0;

  const sweep = (now: number): void => {
    sweptAt = now;
    for (const [name, until] of ends) if (until < now) ends.delete(name);
  };

  return {
    remember: (name, until, now) => {
      const known = ends.get(name);
      if (known !== undefined && known >= now) return 'seen';
      if (ends.size >= capacity && Math.abs(now - sweptAt) >= SWEEP_INTERVAL) sweep(now);
      if (ends.size >= capacity) return 'full';
      ends.set(name, until);
      return 'new';
    },
  };
};
