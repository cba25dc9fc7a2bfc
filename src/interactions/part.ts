/**
 * Calls that the server makes to itself for the entries of a Bundle. They carry the headers of the call, and
 * what is in their URLs has never been in one that could be logged.
 */
const parts = new WeakMap<Request, number>();

/** The call for an entry, known by its number. */
export const asPart = (request: Request, index: number): Request => {
  parts.set(request, index);
  return request;
};

export const partOf = (request: Request): number | undefined => parts.get(request);
