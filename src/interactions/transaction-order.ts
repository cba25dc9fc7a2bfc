import type { KeptVersion, LocalWrite, WriteOrder } from '../delivery/types.ts';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

const samePlace = (orders: readonly WriteOrder[]): string | undefined => {
  const seen = new Set<string>();
  for (const { type, id, uniqueKey } of orders) {
    for (const key of [`${type}/${id}`, ...(uniqueKey === undefined ? [] : [uniqueKey])]) {
      if (seen.has(key)) return `${type}/${id}`;
      seen.add(key);
    }
  }
  return undefined;
};

const localPart = (order: WriteOrder): LocalWrite => {
  const {
    upstream: _u,
    companions: _c,
    kept: _k,
    requestId: _r,
    fingerprint: _f,
    deadline: _d,
    ...local
  } = order;
  return local;
};

/** One order of them all: the one that reaches a national system carries the others. */
export const combine = (
  orders: readonly [WriteOrder, ...WriteOrder[]],
  request: { readonly requestId?: string; readonly fingerprint: string },
  kept: readonly KeptVersion[] = [],
): Result<WriteOrder, Failure> => {
  const upstream = orders.filter((order) => order.upstream !== undefined);
  if (upstream.length > 1) {
    return fail(
      failure(
        'unprocessable',
        'business-rule',
        'A transaction can reach a national system with one entry only: what a system has accepted cannot be undone. Send a batch, or several transactions.',
        { expression: ['Bundle.entry'] },
      ),
    );
  }
  const twice = samePlace(orders);
  if (twice !== undefined) {
    return fail(
      failure('unprocessable', 'business-rule', `Two entries of the transaction write ${twice}.`, {
        expression: ['Bundle.entry'],
      }),
    );
  }
  const carrier = upstream[0] ?? orders[0];
  const { requestId: _, ...rest } = carrier;
  return ok({
    ...rest,
    ...request,
    companions: orders.filter((order) => order !== carrier).map(localPart),
    ...(kept.length === 0 ? {} : { kept }),
  });
};
