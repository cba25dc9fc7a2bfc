/** The categories of evidence, strongest first (BRS's rules page, v0.6). There is no F. */
export const RELATIONS = ['A+', 'A', 'B+', 'B', 'C', 'D', 'E'] as const;
export type Relation = (typeof RELATIONS)[number];

/** What a request may name as its minimum: `ANY` accepts everything, as `E` does. */
export const MINIMUM_RELATIONS = [...RELATIONS, 'ANY'] as const;
export type MinimumRelation = (typeof MINIMUM_RELATIONS)[number];

export const isRelation = (code: string): code is Relation => RELATIONS.some((one) => one === code);

/** Everything from the strongest down to and including the minimum. */
export const acceptedFrom = (minimum: MinimumRelation): readonly Relation[] =>
  minimum === 'ANY' ? RELATIONS : RELATIONS.slice(0, RELATIONS.indexOf(minimum) + 1);

/**
 * The minimum that says the same as a list; undefined when the list has a hole, which no minimum can say.
 *
 * @param bPlus whether the service knows `B+`: where it does not, its absence is no hole
 */
export const minimumOf = (accepted: readonly Relation[], bPlus: boolean): Relation | undefined => {
  const weakest = RELATIONS.findLast((one) => accepted.includes(one));
  if (weakest === undefined) return undefined;
  const wanted = acceptedFrom(weakest).filter((one) => bPlus || one !== 'B+');
  return wanted.every((one) => accepted.includes(one)) ? weakest : undefined;
};

/** The strongest of several; `E` of none. */
export const strongest = (relations: readonly Relation[]): Relation =>
  RELATIONS.find((one) => relations.includes(one)) ?? 'E';
