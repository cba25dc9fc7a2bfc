type FhirPath = typeof import('./fhirpath-engine.ts');

let engine: FhirPath | undefined;

/**
 * Takes the FHIRPath engine, `fhirpath-engine.ts`: a module that a Worker starts without. The app loads it before its
 * first answer; whoever uses the validator or the search parameters alone does so itself.
 */
export const useFhirPath = (loaded: FhirPath): void => {
  engine = loaded;
};

/** The engine, for expressions that nothing native stands for. */
export const fhirPath = (): FhirPath => {
  if (engine === undefined) throw new Error('the FHIRPath engine is not loaded; call useFhirPath() first');
  return engine;
};
