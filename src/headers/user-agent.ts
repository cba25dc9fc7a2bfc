import { parseEncodedJson } from './encoded-json.ts';
import { faulty, type Parsed, parsed } from './faults.ts';
import type { HeaderSettings } from './settings.ts';
import type { SystemInformation } from './values.ts';

const EXPECTED = 'base64 of JSON {name, version}';

const filled = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** X-User-Agent (GK6): the calling system's name and version. Further members are the sender's own. */
export const parseUserAgent = (
  raw: string,
  settings: Pick<HeaderSettings, 'lenient'>,
): Parsed<SystemInformation> => {
  const json = parseEncodedJson('X-User-Agent', EXPECTED, raw, settings);
  if (!json.ok) return json;
  const { name, version } = json.value.value;
  if (filled(name) && filled(version)) {
    return parsed(Object.freeze({ name, version }), json.value.warnings);
  }
  return faulty({
    kind: 'header-malformed',
    text: `X-User-Agent must be ${EXPECTED}`,
    detail: `${filled(name) ? 'version' : 'name'} must be a text that is not empty`,
  });
};
