import type { Failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { sleep, type Timer } from '../upstream/timer.ts';
import type { CallContext } from './client-caller.ts';
import type { HentAktiveRequest } from './message.ts';
import type { AktivePage } from './message-answers.ts';

/** A definition's complete list of citizens with an active setting. */
export type AktiveList = Omit<AktivePage, 'pagingReference'>;

export type PageAsk = (
  query: HentAktiveRequest,
  context: CallContext,
) => Promise<Result<AktivePage, Failure>>;

export interface PullOptions {
  readonly timer: Timer;
  /** Milliseconds between two pages. */
  readonly pagePause: number;
}

/** Follows the pages from reference 0 until an answer says 0. Half a list is worse than none, so it is none. */
export const pullAll = async (
  ask: PageAsk,
  query: Omit<HentAktiveRequest, 'pagingReference'>,
  context: CallContext,
  { timer, pagePause }: PullOptions,
): Promise<Result<AktiveList, Failure>> => {
  const personvernInnstillinger: AktivePage['personvernInnstillinger'][number][] = [];
  const seen = new Set<number>([0]);
  for (let reference = 0; ; ) {
    const asked = await ask({ ...query, pagingReference: reference }, context);
    if (!asked.ok) return asked;
    const { pagingReference, ...page } = asked.value;
    for (const innstilling of page.personvernInnstillinger) personvernInnstillinger.push(innstilling);
    if (pagingReference === 0) return ok({ ...page, personvernInnstillinger });
    if (seen.has(pagingReference)) {
      return fail(upstreamFailure('broken-answer', "The pages of Helsenorge's list go round in a circle."));
    }
    seen.add(pagingReference);
    reference = pagingReference;
    await sleep(timer, pagePause);
  }
};
