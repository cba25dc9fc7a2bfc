import type { Issue, IssueCode } from '../../failure.ts';

/** A JSON object as the validator sees it: members of any kind. */
export type JsonObject = { readonly [member: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper nesting than any real resource has; a guard for the stack. */
export const MAX_DEPTH = 64;

/** Faults beyond this many are not listed: an answer has to stay readable. */
const MAX_ISSUES = 200;

const NONE: readonly Issue[] = [];

/** A value that may stand in an answer: short, and too few digits for an identity number. */
export const isPrintable = (text: string): boolean =>
  /^[\w.:/[\]+-]{1,64}$/.test(text) && (text.match(/\d/g)?.length ?? 0) < 8;

/**
 * Where the validator stands in a resource, and what it has found. One is kept per validator and reset for
 * each resource: nothing is allocated while there is nothing to report.
 */
export class Walk {
  /** The outermost resource around the present place that is not contained: FHIRPath's `%rootResource`. */
  root: JsonObject = {};
  /** The resource around the present place: FHIRPath's `%resource`. */
  resource: JsonObject = {};
  depth = 0;
  /** True once a fault of structure was found: invariants may then fail for that reason alone. */
  malformed = false;
  private readonly names: string[] = [];
  private readonly indexes: number[] = [];
  private issues: Issue[] | undefined;

  start(resource: JsonObject, type: string): void {
    this.root = resource;
    this.resource = resource;
    this.names[0] = type;
    this.indexes[0] = -1;
    this.depth = 1;
    this.malformed = false;
    this.issues = undefined;
  }

  /** Steps into an element; `index` is -1 where the element does not repeat. */
  enter(name: string, index: number): void {
    this.names[this.depth] = name;
    this.indexes[this.depth] = index;
    this.depth += 1;
  }

  leave(): void {
    this.depth -= 1;
  }

  /** What was found, and an end to it. */
  finish(): readonly Issue[] {
    const found = this.issues ?? NONE;
    this.issues = undefined;
    return found;
  }

  /** FHIRPath of the present place, or of a member of it. */
  path(member?: string): string {
    let text = '';
    for (let i = 0; i < this.depth; i++) {
      const index = this.indexes[i] ?? -1;
      text += `${i === 0 ? '' : '.'}${this.names[i]}${index < 0 ? '' : `[${index}]`}`;
    }
    return member === undefined ? text : `${text}.${member}`;
  }

  /** Reports that the resource is not R4. */
  fault(code: IssueCode, diagnostics: string, member?: string): void {
    this.malformed = true;
    this.add({
      severity: 'error',
      code,
      diagnostics,
      expression: [this.path(member)],
      malformed: true,
    });
  }

  /** Reports that a rule is broken in what is otherwise R4. */
  breach(severity: 'error' | 'warning', code: IssueCode, diagnostics: string, member?: string): void {
    this.add({ severity, code, diagnostics, expression: [this.path(member)] });
  }

  private add(issue: Issue): void {
    this.issues ??= [];
    const count = this.issues.length;
    if (count < MAX_ISSUES) this.issues.push(issue);
    else if (count === MAX_ISSUES) {
      this.issues.push({
        severity: 'warning',
        code: 'too-costly',
        diagnostics: `Only the first ${MAX_ISSUES} faults are listed.`,
      });
    }
  }
}
