const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as content or as an attribute in quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);

/** Text in which `…` is code, as the tables of the server have it. */
export const inline = (text: string): string =>
  escapeHtml(text).replace(/`([^`]+)`/g, (_, code: string) => `<code>${code}</code>`);

export const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

export const link = (href: string, text: string): string =>
  `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;

/** One row of a table: cells in HTML, the first of which names it. */
export interface Row {
  readonly id?: string;
  readonly cells: readonly string[];
}

const rowOf = ({ id, cells: [name = '', ...cells] }: Row): string =>
  `<tr${id === undefined ? '' : ` id="${escapeHtml(id)}"`}><th scope="row">${name}</th>${cells
    .map((cell) => `<td>${cell}</td>`)
    .join('')}</tr>`;

/** A table with a caption; it may be scrolled by keyboard where it is wider than the page. */
export const table = (caption: string, heads: readonly string[], rows: readonly Row[]): string =>
  [
    `<div class="wide" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table>`,
    `<caption>${escapeHtml(caption)}</caption>`,
    `<thead><tr>${heads.map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join('')}</tr></thead>`,
    `<tbody>${rows.map(rowOf).join('\n')}</tbody></table></div>`,
  ].join('\n');

export const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${item}</li>`).join('\n')}</ul>`;

/** A part of the page under a heading that can be linked to. */
export const section = (id: string, heading: string, ...parts: readonly string[]): string =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(heading)}</h2>\n${parts.join('\n')}</section>`;

export const pasted = (label: string, text: string): string =>
  `<pre role="region" tabindex="0" aria-label="${escapeHtml(label)}"><code>${escapeHtml(text)}</code></pre>`;
