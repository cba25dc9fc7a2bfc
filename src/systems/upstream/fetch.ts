/** What the other end of the wire is not told, but whoever watches the exchange may know. */
export interface About {
  /** X-Request-ID of the call that made this exchange necessary. */
  readonly requestId: string;
}

/** An outgoing HTTP call. A plain `Fetch` fits; the sandbox also reads `about`, for its exchange log. */
export type UpstreamFetch = (request: Request, about: About) => Promise<Response>;
