import { expect } from 'vitest';
import type { Reply } from './reply.ts';

/** What was asked, as far as the answer must respect it. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly text: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Norwegian, Danish and Swedish numbers are ten to twelve digits. */
const NUMBER = /(?<![0-9a-f-])\d{11,12}(?![0-9a-f-])/gi;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** HPR and organisation numbers are shorter, so these are identity numbers. */
const numbersSent = ({ path, text }: Asked): readonly string[] => [
  ...new Set([...decoded(path).matchAll(NUMBER), ...decoded(text).matchAll(NUMBER)].map(([one]) => one)),
];

const textOf = (headers: Headers): string =>
  [...headers].map(([name, value]) => `${name}: ${value}`).join('\n');

const linksOf = (json: object | undefined): string =>
  json !== undefined && 'link' in json ? JSON.stringify(json.link) : '';

/** What holds of every answer, whatever the test is about. */
export const expectSound = (asked: Asked, reply: Reply): void => {
  const { method, path, headers } = asked;
  const about = `${method} ${path.replace(/\?.*/, '?…')} → ${reply.status}`;
  expect(reply.status, `${about}: 500 is always a bug`).not.toBe(500);
  const requestId = headers.get('X-Request-ID');
  if (path.startsWith('/fhir') && method !== 'OPTIONS' && requestId !== null && UUID.test(requestId)) {
    expect(reply.headers.get('X-Request-ID'), `${about}: X-Request-ID is echoed`).toBe(requestId);
  }
  const refused = reply.status >= 400;
  if (refused && path.startsWith('/fhir') && method !== 'HEAD') expectOutcome(about, reply);
  for (const number of numbersSent(asked)) {
    const shown = `${textOf(reply.headers)}\n${linksOf(reply.json)}\n${refused ? reply.text : ''}`;
    expect(shown.includes(number), `${about}: an identity number comes back`).toBe(false);
  }
};

const expectOutcome = (about: string, reply: Reply): void => {
  expect(reply.headers.get('Content-Type'), `${about}: ${reply.text.slice(0, 200)}`).toMatch(
    /^application\/fhir\+(json|xml)/,
  );
  if (reply.headers.get('Content-Type')?.includes('xml') === true) return;
  expect(reply.json, `${about}: ${reply.text.slice(0, 200)}`).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: expect.arrayContaining([expect.objectContaining({ severity: 'error' })]),
  });
  expect(reply.headers.get('Cache-Control'), `${about}: no-store`).toBe('no-store');
};
