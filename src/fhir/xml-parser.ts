type Engine = typeof import('saxes');

let engine: Engine | undefined;

/**
 * Loads the XML parser: a module of its own, so that a Worker starts without it. The app waits for it before its
 * first answer; whoever reads FHIR XML or narratives alone calls this first.
 */
export const loadXmlParser = async (): Promise<void> => {
  engine ??= await import('saxes');
};

/** The parser's class. */
export const xmlParser = (): Engine['SaxesParser'] => {
  if (engine === undefined) throw new Error('the XML parser is not loaded; call loadXmlParser() first');
  return engine.SaxesParser;
};
