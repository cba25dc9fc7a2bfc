// The parser under the XML signature libraries: a text to a tree, and nothing else.
import { DOMParser } from '@xmldom/xmldom';

export const parse = (text) => new DOMParser().parseFromString(text, 'text/xml');
