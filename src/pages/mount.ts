import type { Context, Hono } from 'hono';
import type { Facade } from '../interactions/stages.ts';
import type { OpenSandbox } from '../platform.ts';
import { refuseOtherMethods } from '../routes/other-methods.ts';
import type { Told } from './start.ts';

const JSON_TYPE = /^(application\/(.+\+)?(json|xml)|text\/json)$/;

/** Programs name JSON or FHIR and no HTML; whoever names neither is shown the page. */
const isProgram = (accept: string): boolean => {
  const types = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
  return !types.includes('text/html') && types.some((type) => JSON_TYPE.test(type));
};

/** What the pages are made from, but for the base by which they are asked for. */
export type PagesOf = Omit<Told, 'base' | 'guide' | 'operations'> &
  Pick<Partial<OpenSandbox>, 'guide'> & { readonly operations: () => Promise<Told['operations']> };

/**
 * What a person looks at: the start page and `/docs`. Discovery: no token, no header rule. Modules of their own,
 * loaded by the first that looks.
 */
export const mountPages = (
  app: Hono,
  { stages }: Pick<Facade, 'stages'>,
  { guide, operations, ...offered }: PagesOf,
): void => {
  const told = async (context: Context): Promise<Told> => ({
    ...offered,
    operations: await operations(),
    base: `${stages.baseOf(context.req.url)}/fhir`,
    ...(guide === undefined ? {} : { guide: await guide() }),
  });
  app.get('/', async (context) => {
    const { startPage, startLinks, pageHeaders } = await import('../routes/told.ts');
    return isProgram(context.req.header('accept') ?? '')
      ? context.json(startLinks(await told(context)), undefined, { Vary: 'Accept' })
      : context.html(startPage(await told(context)), undefined, await pageHeaders());
  });
  app.get('/docs', async (context) => {
    const { docsPage, pageHeaders } = await import('../routes/told.ts');
    return context.html(docsPage(await told(context)), undefined, await pageHeaders());
  });
  for (const path of ['/', '/docs']) refuseOtherMethods(app, { stages }, path, ['GET', 'HEAD']);
};
