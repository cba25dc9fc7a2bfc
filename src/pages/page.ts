import { escapeHtml, link } from './markup.ts';

/** Contrast of text and links at least 7 to 1 and 5 to 1, on both grounds. */
const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b1f24; --soft: #f1f3f5; --line: #8a9199; --link: #0842a0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --text: #e8eaed; --soft: #22262b; --line: #7d858e; --link: #a8c7fa; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; list-style: none; padding: 0; }
pre, .wide { overflow-x: auto; }
pre { background: var(--soft); padding: 1rem; border-radius: 0.25rem; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
pre code { overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid var(--line); }
tr:target { background: var(--soft); }
`;

const NAVIGATION = [
  ['/', 'Start'],
  ['/docs', 'Calls and header rules'],
  ['/fhir/metadata', 'CapabilityStatement'],
  ['/openapi.json', 'OpenAPI'],
] as const;

/** A whole page, well-formed; nothing in it is loaded from anywhere. */
export const page = (title: string, path: string, body: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,"/>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><nav aria-label="Pages"><ul>
${NAVIGATION.map(([href, text]) =>
  href === path
    ? `<li><a href="${href}" aria-current="page">${text}</a></li>`
    : `<li>${link(href, text)}</li>`,
).join('\n')}
</ul></nav></header>
<main id="content">
${body}
</main>
</body>
</html>
`;

const sha256 = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
};

/** What a page's answer says to browsers: its own style, and nothing else from anywhere. */
export const pageHeaders = async (): Promise<Record<string, string>> => ({
  'Content-Security-Policy': [
    "default-src 'self'",
    `style-src 'sha256-${await sha256(STYLE)}'`,
    'img-src data:',
    "script-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // It names the base by which it was asked for.
  'Cache-Control': 'no-cache',
  Vary: 'Accept',
});
