type Engine = Pick<typeof import('saxes'), 'SaxesParser'>;

let engine: Engine | undefined;

/**
 * Takes the XML parser, `saxes`: a module that a Worker starts without. The app loads it before its first answer;
 * whoever reads FHIR XML or narratives alone does so itself.
 */
export const useXmlParser = (loaded: Engine): void => {
  engine = loaded;
};

/** The parser's class. */
export const xmlParser = (): Engine['SaxesParser'] => {
  if (engine === undefined) throw new Error('the XML parser is not loaded; call useXmlParser() first');
  return engine.SaxesParser;
};
