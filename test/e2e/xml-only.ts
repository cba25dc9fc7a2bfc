import { describe, expect, it } from 'vitest';
import { idIn, issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SYSTEM = { as: 'system' } as const;
const organization = { resourceType: 'Organization', name: 'Eksempel' };
const extension = { url: 'https://example.org/note', valueString: 'x' };
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';

export const xmlOnly: Theme = (open) => {
  describe('What JSON could say and XML cannot', () => {
    const server = useServer(open);

    it.each([
      ['an extension on Element.id', { name: 'x', _name: { id: 'a', _id: { extension: [extension] } } }, 400],
      [
        'an extension on Extension.url',
        { extension: [{ ...extension, _url: { extension: [extension] } }] },
        400,
      ],
      ['an id on Extension.url', { extension: [{ ...extension, _url: { id: 'a' } }] }, 400],
      [
        'an extension on Narrative.div',
        { text: { status: 'generated', div: DIV, _div: { extension: [extension] } } },
        400,
      ],
      [
        'an XML declaration in Narrative.div',
        { text: { status: 'generated', div: `<?xml version="1.0" encoding="ISO-8859-1"?>${DIV}` } },
        422,
      ],
    ])('%s is refused', async (_what, given, status) => {
      const reply = await server.post('/fhir/Organization', { ...organization, ...given }, SYSTEM);
      expect([reply.status, issuesOf(reply).length > 0]).toEqual([status, true]);
    });

    it('what is taken can be read as XML', async () => {
      const given = {
        ...organization,
        _name: { extension: [extension] },
        text: { status: 'generated', div: ` ${DIV}\n` },
      };
      const id = idIn(await server.post('/fhir/Organization', given, SYSTEM));
      const read = await server.get(`/fhir/Organization/${id}`, {
        as: null,
        headers: { Accept: 'application/fhir+xml' },
      });
      expect([read.status, read.text]).toEqual([200, expect.stringContaining(DIV)]);
    });
  });
};
