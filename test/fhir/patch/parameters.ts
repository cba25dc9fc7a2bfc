/** A FHIRPath Patch with these operations: each part by its name, a `value` as the members of its part. */
export const patchOf = (...operations: readonly Readonly<Record<string, unknown>>[]): object => ({
  resourceType: 'Parameters',
  ...(operations.length === 0
    ? {}
    : {
        parameter: operations.map((operation) => ({
          name: 'operation',
          part: Object.entries(operation).map(([name, value]) => partOf(name, value)),
        })),
      }),
});

const partOf = (name: string, value: unknown): object => {
  if (name === 'value') return { name, ...(value as object) };
  if (name === 'type') return { name, valueCode: value };
  return typeof value === 'number' ? { name, valueInteger: value } : { name, valueString: value };
};
