import type { Member, ObjectType } from './schema.ts';

const isNull = (text: string): boolean => text === 'null';

/**
 * An open element, and the JSON of what was read inside it. Elements that repeat stand next to each other in
 * XML, so one member at a time is gathered.
 */
export class Frame {
  /** How the element stands in the one around it; undefined for a resource. */
  readonly member: Member | undefined;
  /** What may be inside; undefined for an element that holds a resource. */
  readonly type: ObjectType | undefined;
  /** JSON text of a primitive's value, or of the resource that the element holds. */
  value: string | undefined;
  /** True once anything was met inside, right or wrong. */
  isTouched = false;
  /** The element that was met last. */
  last: Member | undefined;
  private json: string;
  private values: string[] = [];
  private companions: string[] = [];

  constructor(member: Member | undefined, type: ObjectType | undefined, json = '') {
    this.member = member;
    this.type = type;
    this.json = json;
  }

  /** How many of the last element were read so far. */
  get count(): number {
    return this.values.length;
  }

  /** Starts another element. */
  turnTo(member: Member): void {
    this.flush();
    this.last = member;
  }

  /** Adds an item of the last element: JSON texts, `null` for what it does not have. */
  add(value: string, companion: string): void {
    this.values.push(value);
    this.companions.push(companion);
  }

  /** Adds a member whose JSON text is known. */
  put(name: string, json: string): void {
    this.json += `${this.json === '' ? '' : ','}"${name}":${json}`;
  }

  /** JSON text of the object, or `null` when there is nothing in it. */
  finish(): string {
    this.flush();
    return this.json === '' ? 'null' : `{${this.json}}`;
  }

  private flush(): void {
    if (this.last === undefined || this.values.length === 0) return;
    this.putItems(this.last.name, this.values, this.last.repeats);
    this.putItems(`_${this.last.name}`, this.companions, this.last.repeats);
    this.values = [];
    this.companions = [];
  }

  /** A list of nothing but `null` is left out: so the other one stands alone. */
  private putItems(name: string, items: readonly string[], repeats: boolean): void {
    if (items.every(isNull)) return;
    this.put(name, repeats ? `[${items.join(',')}]` : (items[0] ?? 'null'));
  }
}
