import { askInvariants } from './invariants.ts';
import type { Binding, Rule } from './profile-rules.ts';
import { isObject, isPrintable, type JsonObject, type Walk } from './walk.ts';

/** Checks what a profile asks of the members of an object. What R4 itself asks has been checked before. */
export const checkRules = (rules: readonly Rule[], value: unknown, walk: Walk): void => {
  if (!isObject(value)) return;
  for (const rule of rules) checkRule(rule, value, walk);
};

const memberOf = (rule: Rule, parent: JsonObject): string | undefined => {
  for (const name of rule.names) {
    if (parent[name] !== undefined || parent[`_${name}`] !== undefined) return name;
  }
  return undefined;
};

const checkRule = (rule: Rule, parent: JsonObject, walk: Walk): void => {
  const name = memberOf(rule, parent);
  const value = name === undefined ? undefined : (parent[name] ?? parent[`_${name}`]);
  const count = value === undefined ? 0 : Array.isArray(value) ? value.length : 1;
  checkCount(rule.label, count, rule.min, rule.max, walk);
  // A slice that must be there must be there even when the whole element is not.
  if (rule.slicing !== undefined) checkSlices(rule, value, walk);
  if (name === undefined || value === undefined) return;
  if (rule.allowed !== undefined && !rule.allowed.includes(name)) {
    walk.breach('error', 'structure', `The profile allows only ${rule.allowed.join(', ')} here.`, rule.label);
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkItem(rule, i, value[i], walk);
  } else checkItem(rule, -1, value, walk);
};

const checkCount = (what: string, count: number, min: number, max: number, walk: Walk, member = what) => {
  if (count < min) {
    walk.breach(
      'error',
      'required',
      `The profile asks for at least ${min} of ${what}; found ${count}.`,
      member,
    );
  }
  if (count > max) {
    walk.breach(
      'error',
      'structure',
      `The profile allows at most ${max} of ${what}; found ${count}.`,
      member,
    );
  }
};

const checkItem = (rule: Rule, index: number, value: unknown, walk: Walk): void => {
  walk.enter(rule.label, index);
  checkValue(rule, value, walk);
  walk.leave();
};

const checkValue = (rule: Rule, value: unknown, walk: Walk): void => {
  if (rule.matches !== undefined && !rule.matches(value)) {
    walk.breach('error', 'value', `The profile fixes ${rule.label} to another value.`);
  }
  if (rule.binding !== undefined) checkBinding(rule.binding, value, walk);
  if (rule.targets !== undefined) checkTargets(rule.targets, value, walk);
  askInvariants(rule.invariants, value, walk);
  checkRules(rule.children, value, walk);
};

const isCoded = (codes: Binding['codes'], value: unknown): boolean => {
  if (typeof value === 'string') return [...codes.values()].some((list) => list.has(value));
  if (!isObject(value)) return false;
  const { coding, system, code } = value;
  if (Array.isArray(coding)) return coding.some((item) => isCoded(codes, item));
  return typeof code === 'string' && codes.get(typeof system === 'string' ? system : '')?.has(code) === true;
};

const checkBinding = ({ severity, valueSet, codes }: Binding, value: unknown, walk: Walk): void => {
  if (isCoded(codes, value)) return;
  const listed = [...codes.values()].flatMap((list) => [...list]);
  const choice = listed.length <= 20 ? `; allowed: ${listed.join(' | ')}` : '';
  walk.breach(severity, 'code-invalid', `No code of ${valueSet} is given${choice}.`);
};

const TYPED = /^([A-Z][A-Za-z]+)[/?]/;

const checkTargets = (targets: ReadonlySet<string>, value: unknown, walk: Walk): void => {
  if (!isObject(value)) return;
  const { reference, type } = value;
  const literal = typeof reference === 'string' ? TYPED.exec(reference)?.[1] : undefined;
  for (const name of [literal, type]) {
    if (typeof name !== 'string' || targets.has(name)) continue;
    const what = isPrintable(name) ? name : 'This';
    walk.breach(
      'error',
      'structure',
      `${what} may not be referred to here; the profile allows: ${[...targets].join(', ')}.`,
    );
  }
};

const checkSlices = (rule: Rule, value: unknown, walk: Walk): void => {
  const { slicing } = rule;
  if (slicing === undefined) return;
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const owner = items.map((item) => slicing.slices.find((slice) => slice.takes(item)));
  for (const slice of slicing.slices) {
    const count = owner.filter((found) => found === slice).length;
    checkCount(`${rule.label} ${slice.name}`, count, slice.rule.min, slice.rule.max, walk, rule.label);
  }
  owner.forEach((slice, i) => {
    walk.enter(rule.label, rule.repeats ? i : -1);
    if (slice !== undefined) checkValue(slice.rule, items[i], walk);
    else if (slicing.closed) walk.breach('error', 'structure', 'The profile allows no other content here.');
    walk.leave();
  });
};
