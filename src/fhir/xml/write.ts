import { DEFINITIONS } from '../definitions/index.ts';
import type { Definitions } from '../definitions/types.ts';
import { isObject, type JsonObject } from '../validate/walk.ts';
import { escapeAttribute } from './escape.ts';
import { NumberLiteral, parseKeepingNumbers, textOf } from './literals.ts';
import { FHIR, type Member, type ObjectType, Schema } from './schema.ts';
import { cutDiv } from './xhtml.ts';

/** The resource cannot be said in XML: its type is not bundled, or it is not valid R4. */
export class NotInXml extends Error {}

export interface XmlWriter {
  /** Whether resources of the type can be written: its definition is bundled. */
  canWrite(type: string): boolean;
  /**
   * The XML of a valid resource, in R4's order and namespace, numbers spelled as in the JSON.
   * Throws {@link NotInXml} for what is not valid R4 of the bundled types; nothing is left out silently.
   * @param json JSON text of one resource.
   * @param pretty One element a line, indented by two spaces; narratives stay as they are.
   */
  toXml(json: string, pretty?: boolean): string;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

const NAMESPACE = ` xmlns="${FHIR}"`;

/** A line break and the indentation of a level, or nothing. */
type Break = (level: number) => string;

const COMPACT: Break = () => '';
const PRETTY: Break = (level) => `\n${'  '.repeat(level)}`;

const isValue = (value: unknown): boolean => value !== undefined && value !== null;

const isItem = (value: unknown): value is JsonObject => isObject(value) && !(value instanceof NumberLiteral);

/** The member of a JSON name, `_name` included. */
const memberOf = (type: ObjectType, name: string): Member => {
  const direct = type.get(name);
  if (direct !== undefined) return direct;
  const beside = name.startsWith('_') ? type.get(name.slice(1)) : undefined;
  if (beside?.form === 'primitive') return beside;
  throw new NotInXml('R4 has no element for a JSON member, or XML no place for it.');
};

/** The members that an object has, each once, in R4's order. */
const membersOf = (type: ObjectType, value: JsonObject, isResource = false): readonly Member[] => {
  const found: Member[] = [];
  let last = -1;
  let isOrdered = true;
  for (const name in value) {
    if (!isValue(value[name]) || (isResource && name === 'resourceType')) continue;
    const member = memberOf(type, name);
    if (name.startsWith('_') && isValue(value[member.name])) continue;
    found.push(member);
    if (member.order < last) isOrdered = false;
    last = member.order;
  }
  return isOrdered ? found : found.sort((a, b) => a.order - b.order);
};

const attributesOf = (members: readonly Member[], value: JsonObject): string => {
  let text = '';
  for (const { form, name } of members) {
    if (form !== 'attribute') continue;
    const content = textOf(value[name]);
    if (content === undefined) throw new NotInXml(`${name} is not a string.`);
    text += ` ${name}="${escapeAttribute(content)}"`;
  }
  return text;
};

class Writing {
  private readonly schema: Schema;
  private readonly lineBreak: Break;

  constructor(schema: Schema, lineBreak: Break) {
    this.schema = schema;
    this.lineBreak = lineBreak;
  }

  /** `attributes` of the root declare the namespace; resources inside inherit it. */
  resource(value: unknown, level: number, attributes = ''): string {
    const name = isItem(value) ? value['resourceType'] : undefined;
    const type = typeof name === 'string' ? this.schema.resource(name) : undefined;
    if (!isItem(value) || typeof name !== 'string' || type === undefined) {
      throw new NotInXml('A resource of a type that is not available in XML.');
    }
    return this.element(name, attributes, membersOf(type, value, true), value, level);
  }

  private element(
    name: string,
    attributes: string,
    members: readonly Member[],
    value: JsonObject,
    level: number,
  ): string {
    let content = '';
    for (const member of members) content += this.member(member, value, level + 1);
    if (content === '') return `${this.lineBreak(level)}<${name}${attributes}/>`;
    return `${this.lineBreak(level)}<${name}${attributes}>${content}${this.lineBreak(level)}</${name}>`;
  }

  private member(member: Member, parent: JsonObject, level: number): string {
    if (member.form === 'attribute') return '';
    const value = parent[member.name];
    const beside = member.form === 'primitive' ? parent[`_${member.name}`] : undefined;
    if (!Array.isArray(value) && !Array.isArray(beside)) return this.item(member, value, beside, level);
    const values = Array.isArray(value) ? value : [];
    const companions = Array.isArray(beside) ? beside : [];
    let text = '';
    for (let i = 0; i < Math.max(values.length, companions.length); i++) {
      text += this.item(member, values[i], companions[i], level);
    }
    return text;
  }

  private item(member: Member, value: unknown, beside: unknown, level: number): string {
    if (member.form === 'primitive') return this.primitive(member, value, beside, level);
    if (member.form === 'xhtml') return this.div(value, level);
    if (!isItem(value)) throw new NotInXml(`${member.name} is not an object.`);
    if (member.form === 'resource') {
      const { name } = member;
      return `${this.lineBreak(level)}<${name}>${this.resource(value, level + 1)}${this.lineBreak(level)}</${name}>`;
    }
    const members = membersOf(member.content(), value);
    return this.element(member.name, attributesOf(members, value), members, value, level);
  }

  private primitive(member: Member, value: unknown, beside: unknown, level: number): string {
    const text = textOf(value);
    if (text === undefined && isValue(value)) throw new NotInXml(`${member.name} is not a primitive.`);
    const attribute = text === undefined ? '' : ` value="${escapeAttribute(text)}"`;
    if (!isValue(beside) && text !== undefined)
      return `${this.lineBreak(level)}<${member.name}${attribute}/>`;
    if (!isItem(beside)) throw new NotInXml(`_${member.name} is not an object.`);
    const members = membersOf(member.content(), beside);
    return this.element(member.name, attributesOf(members, beside) + attribute, members, beside, level);
  }

  private div(value: unknown, level: number): string {
    const div = typeof value === 'string' ? cutDiv(value) : undefined;
    if (div === undefined) throw new NotInXml('A narrative is not a well-formed XHTML div.');
    return this.lineBreak(level) + div;
  }
}

/** A writer of FHIR XML (https://hl7.org/fhir/R4/xml.html) for the types of these definitions. */
export const createXmlWriter = (definitions: Definitions = DEFINITIONS): XmlWriter => {
  const schema = new Schema(definitions);
  const compact = new Writing(schema, COMPACT);
  const spread = new Writing(schema, PRETTY);
  return {
    canWrite: (type) => schema.resource(type) !== undefined,
    toXml: (json, pretty = false) => {
      const root = (pretty ? spread : compact).resource(parseKeepingNumbers(json), 0, NAMESPACE);
      return DECLARATION + root + (pretty ? '\n' : '');
    },
  };
};
