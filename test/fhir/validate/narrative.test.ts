import { expect, test } from 'vitest';
import { narrativeFault } from '../../../src/fhir/validate/narrative.ts';

const div = (content: string, attributes = ' xmlns="http://www.w3.org/1999/xhtml"') =>
  `<div${attributes}>${content}</div>`;

test.each([
  ['text', div('hello')],
  ['formatting', div('<p class="a">a <b>b</b><br/></p><table><tr><td colspan="2">c</td></tr></table>')],
  ['a link', div('<a href="https://example.org" title="t">x</a>')],
  ['an image alone', div('<img src="#a" alt="b"/>')],
  ['style', div('<span style="color:red" xml:lang="nb" lang="nb">x</span>')],
])('%s may be in a narrative', (_name, text) => {
  expect(narrativeFault(text)).toBeUndefined();
});

test.each([
  ['script', div('x<script>alert(1)</script>')],
  ['an event attribute', div('<p onclick="x()">x</p>')],
  ['an active link', div('<a href=" javascript:x()">x</a>')],
  ['a form', div('<form><input/></form>x')],
  ['a frame', div('<iframe src="https://example.org"/>x')],
  ['another root', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'],
  ['a prefix for the namespace', '<h:div xmlns:h="http://www.w3.org/1999/xhtml">x</h:div>'],
  ['no namespace', div('x', '')],
  ['another namespace inside', div('<svg xmlns="http://www.w3.org/2000/svg"/>x')],
  ['broken markup', div('<b>x')],
  ['an entity that XML lacks', div('x&nbsp;')],
  ['a doctype', `<!DOCTYPE div [<!ENTITY a "b">]>${div('&a;')}`],
  ['a processing instruction', div('<?php x ?>x')],
  ['an XML declaration', `<?xml version="1.0"?>${div('x')}`],
  ['an XML declaration of another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${div('x')}`],
  ['nesting without end', div('<b>'.repeat(100) + '</b>'.repeat(100))],
])('%s may not', (_name, text) => {
  expect(narrativeFault(text)).toBe('markup');
});

test.each([[div('')], [div('  \n ')], [div('<p/>')]])('%s says nothing', (text) => {
  expect(narrativeFault(text)).toBe('empty');
});
