const parameterOf = (contentType: string, name: string): string | undefined => {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(contentType);
  return found?.[1] ?? found?.[2];
};

interface Part {
  readonly id: string | undefined;
  readonly text: string;
}

const partOf = (chunk: string): Part | undefined => {
  const found = /^(?:\r?\n)?((?:[^\r\n]+\r?\n)*)\r?\n([\s\S]*?)(?:\r?\n)?$/.exec(chunk);
  if (found === null) return undefined;
  const [, head = '', text = ''] = found;
  return { id: /^content-id:\s*<?([^>\r\n]+)>?/im.exec(head)?.[1]?.trim(), text };
};

/**
 * The root part of a multipart/related answer (RFC 2387), as some services of NSP send it: the one that `start`
 * names, else the first. An answer that is not multipart comes back as it is; undefined when there is no part.
 */
export const rootPart = (contentType: string, text: string): string | undefined => {
  if (!/^\s*multipart\//i.test(contentType)) return text;
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary === undefined) return undefined;
  // What stands before the first boundary and after the closing one belongs to nobody.
  const chunks = `\n${text}`.split(`\n--${boundary}`).slice(1);
  const parts = chunks
    .filter((chunk) => !chunk.startsWith('--'))
    .flatMap((chunk) => partOf(chunk.replace(/^[ \t]*\r?\n/, '').replace(/\r$/, '')) ?? []);
  const start = parameterOf(contentType, 'start')?.replace(/^<|>$/g, '');
  return (parts.find(({ id }) => start !== undefined && id === start) ?? parts[0])?.text;
};
