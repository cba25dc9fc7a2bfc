import type { SaxesAttributeNS, SaxesTagNS } from 'saxes';
import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { DEFINITIONS, VALUE_SETS } from '../definitions/index.ts';
import type { Definitions, ValueSets } from '../definitions/types.ts';
import { isPrintable, Walk } from '../validate/walk.ts';
import { Frame } from './frame.ts';
import { jsonOf } from './literals.ts';
import { type Handlers, parseXml, Refused } from './parse.ts';
import { FHIR, type Member, Schema } from './schema.ts';
import { DivCut, isDiv } from './xhtml.ts';

/**
 * Turns XML into the JSON text of the same resource, numbers spelled as in the XML.
 *
 * Failure: every fault that can be found at once, with its FHIRPath. All but `not-supported` (a type of R4
 * that is not bundled) are `malformed`. Values, and names that may hold a person's number, are not repeated.
 * What XML and JSON have in common (formats of strings, cardinality, bindings) is left to the validator.
 */
export type ReadXml = (text: string) => Result<string, readonly Issue[]>;

const XMLNS = 'http://www.w3.org/2000/xmlns/';

const NOT_SPACE = /[^ \t\r\n]/;

const nameOf = (name: string): string => (isPrintable(name) ? name : 'of this name (not repeated)');

/** One reading of one text. */
class Reading implements Handlers {
  json: string | undefined;
  private readonly input: string;
  private readonly schema: Schema;
  private readonly resourceTypes: ReadonlySet<string>;
  private readonly walk: Walk;
  private readonly frames: Frame[] = [];
  /** Open elements that are passed over because the outermost of them is at fault. */
  private skipped = 0;
  private div: DivCut | undefined;

  constructor(input: string, schema: Schema, resourceTypes: ReadonlySet<string>, walk: Walk) {
    this.input = input;
    this.schema = schema;
    this.resourceTypes = resourceTypes;
    this.walk = walk;
  }

  open(tag: SaxesTagNS, end: number): void {
    if (this.skipped > 0) this.skipped += 1;
    else if (this.div !== undefined) this.div.open(tag);
    else if (!this.enter(tag, end)) this.skipped = 1;
  }

  text(text: string): void {
    const frame = this.frames.at(-1);
    if (frame === undefined || this.skipped > 0 || this.div !== undefined) return;
    if (NOT_SPACE.test(text)) {
      frame.isTouched = true;
      this.walk.fault('structure', 'Text stands between elements: values are in `value` attributes.');
    }
  }

  close(end: number): void {
    if (this.skipped > 0) this.skipped -= 1;
    else if (this.div === undefined) this.leave();
    else if (this.div.close()) {
      this.frames.at(-1)?.add(JSON.stringify(this.div.cut(end)), 'null');
      this.div = undefined;
    }
  }

  /** Steps into an element; false when there is a fault for which nothing in it can be read. */
  private enter(tag: SaxesTagNS, end: number): boolean {
    const frame = this.frames.at(-1);
    if (frame === undefined) this.walk.start({}, this.schema.resource(tag.local) ? tag.local : 'Resource');
    else frame.isTouched = true;
    if (frame?.type === undefined) return this.enterResource(tag, frame);
    const member = frame.type.get(tag.local);
    if (member?.form === 'xhtml') return this.enterDiv(tag, end, frame, member);
    if (!this.isFhir(tag)) return false;
    if (member === undefined || member.form === 'attribute') {
      this.refuseName(tag.local, member);
      return false;
    }
    this.place(frame, member);
    this.walk.enter(member.label, member.repeats ? frame.count : -1);
    const inside = new Frame(member, member.form === 'resource' ? undefined : member.content());
    this.frames.push(inside);
    this.readAttributes(inside, tag);
    return true;
  }

  /** The element of a resource itself: the root, or what stands in `contained`, `resource`. */
  private enterResource(tag: SaxesTagNS, container: Frame | undefined): boolean {
    if (!this.isFhir(tag)) return false;
    const { local } = tag;
    const type = this.schema.resource(local);
    if (type === undefined) {
      this.refuseType(local);
      return false;
    }
    if (container?.value !== undefined) {
      this.walk.fault('structure', 'Only one resource can stand here.');
      return false;
    }
    const inside = new Frame(undefined, type, `"resourceType":"${local}"`);
    this.frames.push(inside);
    this.readAttributes(inside, tag);
    return true;
  }

  private enterDiv(tag: SaxesTagNS, end: number, frame: Frame, member: Member): boolean {
    if (!isDiv(tag)) {
      this.walk.fault('structure', 'The div of a narrative is in the XHTML namespace.', member.label);
      return false;
    }
    this.place(frame, member);
    this.div = new DivCut(this.input, tag, end);
    return true;
  }

  /** Leaves an element and hands its JSON to the one around it. */
  private leave(): void {
    const frame = this.frames.pop();
    if (frame === undefined) return;
    const { member } = frame;
    const around = this.frames.at(-1);
    const json = frame.finish();
    if (member === undefined) {
      if (around === undefined) this.json = json;
      else around.value = json;
      return;
    }
    if (!frame.isTouched) {
      this.walk.fault('structure', `${member.label} is empty: it needs a value, elements or extensions.`);
    }
    if (member.form === 'object') around?.add(json, 'null');
    else around?.add(frame.value ?? 'null', json);
    this.walk.leave();
  }

  private isFhir({ uri }: SaxesTagNS): boolean {
    if (uri === FHIR) return true;
    this.walk.fault('structure', `An element here is not in the namespace ${FHIR}.`);
    return false;
  }

  private refuseName(name: string, attribute: Member | undefined): void {
    if (attribute !== undefined) {
      this.walk.fault('structure', `${name} is an attribute in XML, not an element.`, name);
    } else {
      const member = isPrintable(name) ? name : undefined;
      this.walk.fault('structure', `R4 has no element ${nameOf(name)} here.`, member);
    }
  }

  private refuseType(name: string): void {
    if (this.resourceTypes.has(name)) {
      this.walk.breach('error', 'not-supported', `${name} is not supported by this server.`);
    } else {
      this.walk.fault('structure', `${isPrintable(name) ? name : 'This'} is not a resource type of R4.`);
    }
  }

  /** Holds an element to its order and to its cardinality of one. */
  private place(frame: Frame, member: Member): void {
    const { last } = frame;
    if (last === member) {
      if (!member.repeats) {
        this.walk.fault('structure', `${member.name} does not repeat, but stands twice.`, member.label);
      }
      return;
    }
    if (last !== undefined && member.order < last.order) {
      this.walk.fault(
        'structure',
        `${member.name} stands after ${last.name}: XML keeps the order of R4's definition.`,
        member.label,
      );
    } else if (last !== undefined && member.order === last.order) {
      this.walk.fault('structure', `Only one of ${last.name}, ${member.name} may be given.`, member.label);
    }
    frame.turnTo(member);
  }

  private readAttributes(frame: Frame, { attributes }: SaxesTagNS): void {
    for (const name in attributes) {
      const attribute = attributes[name];
      if (attribute === undefined || attribute.uri === XMLNS) continue;
      frame.isTouched = true;
      this.readAttribute(frame, attribute);
    }
  }

  private readAttribute(frame: Frame, { local, uri, value }: SaxesAttributeNS): void {
    const { member, type } = frame;
    if (uri !== '') this.walk.fault('structure', 'An attribute of another namespace is not allowed.');
    else if (local === 'value' && member?.form === 'primitive') {
      frame.value = this.valueOf(member, value);
    } else if (type?.get(local)?.form === 'attribute') {
      frame.put(local, JSON.stringify(value));
    } else {
      this.walk.fault('structure', `R4 has no attribute ${nameOf(local)} here.`);
    }
  }

  /** The JSON text of a primitive's value; of a faulty one `null`. */
  private valueOf({ label, literal }: Member, value: string): string {
    const json = jsonOf(literal, value);
    if (json === undefined) this.walk.fault('value', `${label} must be ${literal?.like}.`);
    return json ?? 'null';
  }
}

/** An outcome for what ended the reading before its end. */
const issueOf = ({ code, message }: Refused): Issue => ({
  severity: 'error',
  code,
  diagnostics: message,
  malformed: true,
});

const RESOURCE_TYPES = 'http://hl7.org/fhir/ValueSet/resource-types';

/** A reader of FHIR XML (https://hl7.org/fhir/R4/xml.html) for the types of these definitions. */
export const createXmlReader = (
  definitions: Definitions = DEFINITIONS,
  valueSets: ValueSets = VALUE_SETS,
): ReadXml => {
  const schema = new Schema(definitions);
  const resourceTypes = new Set(Object.values(valueSets[RESOURCE_TYPES] ?? {}).flat());
  return (text) => {
    const walk = new Walk();
    const reading = new Reading(text, schema, resourceTypes, walk);
    try {
      parseXml(text, {
        open: (tag, end) => reading.open(tag, end),
        close: (end) => reading.close(end),
        text: (content) => reading.text(content),
      });
    } catch (error) {
      if (error instanceof Refused) return fail([issueOf(error), ...walk.finish()]);
      throw error;
    }
    const issues = walk.finish();
    return issues.length === 0 && reading.json !== undefined ? ok(reading.json) : fail(issues);
  };
};
