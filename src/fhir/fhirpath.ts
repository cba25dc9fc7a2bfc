type FhirPath = typeof import('./fhirpath-engine.ts');

let engine: FhirPath | undefined;

/**
 * Loads the FHIRPath engine: a module of its own, so that a Worker starts without it. The app waits for it
 * before its first answer; whoever uses the validator or the search parameters alone calls this first.
 */
export const loadFhirPath = async (): Promise<void> => {
  engine ??= await import('./fhirpath-engine.ts');
};

/** The engine, for expressions that nothing native stands for. */
export const fhirPath = (): FhirPath => {
  if (engine === undefined) throw new Error('the FHIRPath engine is not loaded; call loadFhirPath() first');
  return engine;
};
