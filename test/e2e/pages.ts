import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

/** As browsers ask. */
const BROWSER = {
  as: null,
  headers: { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
} as const;
const PAGES = ['/', '/docs'];

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/** The elements of a page in their order; throws where its markup is not well-formed. */
const elementsOf = (html: string): readonly Element[] => {
  const found: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser({ defaultXMLVersion: '1.0' });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const told = Object.entries(attributes).map(([key, value]): [string, string] => [key, String(value)]);
    const element: Element = { name, attributes: Object.fromEntries(told), text: '' };
    found.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    for (const element of open) element.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(html.replace(/^<!DOCTYPE html>\n/, '')).close();
  return found;
};

const named = (elements: readonly Element[], ...names: readonly string[]) =>
  elements.filter(({ name }) => names.includes(name));

const pageOf = async (server: Client, path: string) => {
  const reply = await server.get(path, BROWSER);
  expect([path, reply.status]).toEqual([path, 200]);
  return { reply, elements: elementsOf(reply.text) };
};

/** Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (a: string, b: string): number => {
  const [bright = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (bright + 0.05) / (dark + 0.05);
};

export const pages: Theme = (open) => {
  describe('the pages', () => {
    const server = useServer(open);

    it.each(PAGES)('%s is well-formed HTML that loads nothing from anywhere', async (path) => {
      const { reply, elements } = await pageOf(server, path);
      expect(reply.headers.get('Content-Type')).toMatch(/^text\/html/);
      expect(named(elements, 'script', 'img', 'iframe', 'object', 'form', 'base')).toEqual([]);
      for (const { attributes } of elements) {
        expect(Object.keys(attributes).filter((name) => /^on|^style$|^src$/.test(name))).toEqual([]);
      }
      expect(named(elements, 'link').map(({ attributes }) => attributes['href'])).toEqual(['data:,']);
    });

    it.each(PAGES)('%s lets its own style through the policy, and nothing else', async (path) => {
      const { reply, elements } = await pageOf(server, path);
      const policy = reply.headers.get('Content-Security-Policy') ?? '';
      const [style] = named(elements, 'style');
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style?.text ?? ''));
      const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain(`style-src 'sha256-${hash}'`);
      expect(policy).toContain("script-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(reply.headers.get('X-Content-Type-Options')).toBe('nosniff');
    });

    it.each(PAGES)('%s says its language, has a title, one main and headings in order', async (path) => {
      const { elements } = await pageOf(server, path);
      expect(elements[0]?.attributes['lang']).toBe('en');
      for (const name of ['title', 'main', 'h1', 'nav'])
        expect([name, named(elements, name).length]).toEqual([name, 1]);
      expect(elements.some(({ attributes }) => attributes['name'] === 'viewport')).toBe(true);
      const levels = named(elements, 'h1', 'h2', 'h3', 'h4').map(({ name }) => Number(name.slice(1)));
      levels.forEach((level, at) => {
        expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
      });
      for (const { text, attributes } of named(elements, 'th')) {
        expect([text, attributes['scope']]).toEqual([text, expect.stringMatching(/^(col|row)$/)]);
        expect(text).not.toBe('');
      }
      for (const { text } of named(elements, 'a')) expect(text.trim()).not.toBe('');
      const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it.each(PAGES)('%s leads nowhere in vain', async (path) => {
      const { elements } = await pageOf(server, path);
      const hrefs = new Set(named(elements, 'a').map(({ attributes }) => attributes['href'] ?? ''));
      for (const href of hrefs) {
        const [to = '', anchor] = href.split('#');
        const target = to === '' ? path : to;
        if (anchor === undefined) {
          expect([href, (await server.get(target, BROWSER)).status]).toEqual([href, 200]);
        } else {
          const ids = (await pageOf(server, target)).elements.map(({ attributes }) => attributes['id']);
          expect([href, ids.includes(anchor)]).toEqual([href, true]);
        }
      }
    });

    it.each(PAGES)('%s can be read by day and by night (WCAG AA: 4.5 to 1)', async (path) => {
      const { elements } = await pageOf(server, path);
      const style = named(elements, 'style')[0]?.text ?? '';
      const schemes = [...style.matchAll(/:root \{([^}]*)\}/g)].map(([, rules = '']) =>
        Object.fromEntries(
          [...rules.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]),
        ),
      );
      expect(schemes).toHaveLength(2);
      expect(style).toContain('prefers-color-scheme: dark');
      for (const { ground = '', soft = '', text = '', link = '' } of schemes) {
        for (const behind of [ground, soft]) {
          expect(contrast(text, behind)).toBeGreaterThan(4.5);
          expect(contrast(link, behind)).toBeGreaterThan(4.5);
        }
      }
    });

    it('names every type with its pattern, and every operation', async () => {
      const { elements } = await pageOf(server, '/');
      const rows = named(elements, 'tr').map(({ text }) => text);
      const statement = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
      for (const { type, documentation = '', operation = [] } of statement.rest?.[0]?.resource ?? []) {
        const pattern = /Pattern of reads: (\S+)\. /.exec(documentation)?.[1];
        if (pattern !== undefined) {
          expect([type, rows.some((row) => row.startsWith(type))]).toEqual([type, true]);
        }
        for (const { name } of operation) {
          expect([name, rows.some((row) => row.startsWith(`$${name}`) && row.includes(type))]).toEqual([
            name,
            true,
          ]);
        }
      }
    });

    it('has a call to paste that works', async () => {
      const { elements } = await pageOf(server, '/');
      const [call = ''] = named(elements, 'pre').map(({ text }) => text);
      const url = /curl -i '([^']+)'/.exec(call)?.[1] ?? '';
      const agent = /X-User-Agent: ([^']+)'/.exec(call)?.[1] ?? '';
      const { pathname, search } = new URL(url);
      const reply = await server.get(pathname + search, {
        as: null,
        headers: { 'X-User-Agent': agent, 'X-Request-ID': crypto.randomUUID() },
      });
      expect(reply.status).toBe(200);
    });

    it('tells of the sandbox, which this is', async () => {
      const { reply } = await pageOf(server, '/');
      expect(reply.text).toContain('/sandbox/token');
    });

    it.each(['application/json', 'application/fhir+json', 'application/fhir+xml, application/json;q=0.5'])(
      'at / programs get links instead: %s',
      async (Accept) => {
        const reply = await server.get('/', { as: null, headers: { Accept } });
        expect([reply.status, reply.headers.get('Content-Type')]).toEqual([
          200,
          expect.stringContaining('application/json'),
        ]);
        const { links } = reply.json as { readonly links: Readonly<Record<string, string>> };
        for (const [name, url] of Object.entries(links)) {
          if (name === 'token' || name === 'fhir') continue;
          const { pathname } = new URL(url);
          expect([name, (await server.get(pathname, { as: null })).status]).toEqual([name, 200]);
        }
      },
    );

    it('takes GET and HEAD only', async () => {
      for (const path of PAGES) {
        expect((await server.call('HEAD', path, BROWSER)).status).toBe(200);
        const refused = await server.post(path, {}, { as: null });
        expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
      }
    });
  });
};
