import { describe, expect, it } from 'vitest';
import { formatOfBody, negotiate, negotiateNative } from '../../src/http/media-type.ts';

const FORMATS = ['json', 'xml'] as const;
const REFUSED = 406;

const answered = (accept: string | null, format: string | null = null) => {
  const negotiated = negotiate(accept, format, FORMATS);
  return negotiated.ok ? negotiated.value : REFUSED;
};

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe('Accept', () => {
  it.each([
    [null, 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['text/*', 'json'],
    ['APPLICATION/FHIR+XML', 'xml'],
    ['text/xml', 'xml'],
    ['application/json+fhir', 'json'],
  ] as const)('%s is answered in %s', (accept, format) => {
    expect(answered(accept)).toBe(format);
  });

  it.each([
    ['application/xml;q=0.5, application/json;q=0.9', 'json'],
    ['application/json;q=0.5, application/xml;q=0.9', 'xml'],
    ['application/fhir+xml;q=0.2, */*;q=0.1', 'xml'],
    ['application/json, application/fhir+json;q=0.1, application/xml;q=0.5', 'json'],
  ] as const)('%s goes by the weights: %s', (accept, format) => {
    expect(answered(accept)).toBe(format);
  });

  it.each([
    ['application/fhir+json;q=0, */*', 'xml'],
    ['application/json;q=0.1, */*;q=0.5', 'xml'],
    ['application/*;q=0.1, application/fhir+xml', 'xml'],
  ] as const)('%s lets the closest range decide (RFC 9110, 12.5.1): %s', (accept, format) => {
    expect(answered(accept)).toBe(format);
  });

  it.each([
    ['application/xml, application/json', 'xml'],
    ['application/json, application/xml', 'json'],
    ['*/*, application/fhir+xml', 'xml'],
  ] as const)(
    '%s of equal weights is answered in what is named first, and by its name: %s',
    (accept, format) => {
      expect(answered(accept)).toBe(format);
    },
  );

  it.each(['application/fhir+json;q=0', '*/*;q=0', 'application/fhir+turtle', 'image/*', ',', 'text/csv'])(
    '%s is refused',
    (accept) => {
      expect(answered(accept)).toBe(REFUSED);
    },
  );

  it('of another FHIR version is passed over', () => {
    expect(answered('application/fhir+json;fhirVersion=3.0')).toBe(REFUSED);
    expect(answered('application/fhir+xml; fhirVersion=3.0, */*')).toBe('json');
    expect(answered('application/fhir+json;fhirVersion=5.0, application/fhir+xml;fhirVersion=4.0')).toBe(
      'xml',
    );
    expect(answered('application/fhir+xml; fhirVersion="4.0.1"')).toBe('xml');
  });

  it('of a browser is answered in JSON, unless FHIR’s own type is wanted more', () => {
    expect(answered(BROWSER)).toBe('json');
    expect(answered('text/html, application/xml')).toBe('json');
    expect(answered('text/html;q=0.1, application/fhir+xml')).toBe('xml');
  });
});

describe('media types that an answer has besides FHIR’s', () => {
  const NATIVE = ['message/rfc822', 'text/uri-list'] as const;
  it.each([
    ['message/rfc822', null, 'message/rfc822'],
    ['text/uri-list, */*;q=0.1', null, 'text/uri-list'],
    ['application/fhir+json;q=0.5, message/rfc822', null, 'message/rfc822'],
    ['message/rfc822;q=0.5, application/fhir+json', null, undefined],
    ['application/fhir+json, message/rfc822', null, undefined],
    ['message/rfc822;q=0', null, undefined],
    ['application/fhir+json', 'message/rfc822', 'message/rfc822'],
    ['message/rfc822', 'json', undefined],
    // A wildcard is answered in FHIR, which every client of this server reads.
    ['message/*', null, undefined],
    ['text/*', null, undefined],
    ['*/*', null, undefined],
    [null, null, undefined],
  ])('%s with _format %s is %s', (accept, format, native) => {
    expect(negotiateNative(accept, format, NATIVE, FORMATS)).toBe(native);
  });
});

describe('_format', () => {
  it.each([
    ['xml', 'xml'],
    ['text/xml', 'xml'],
    ['application/fhir+xml', 'xml'],
    ['application/fhir xml', 'xml'],
    ['JSON', 'json'],
    ['application/fhir+json', 'json'],
    ['html', 'json'],
    ['text/html', 'json'],
  ] as const)('%s overrides Accept: %s', (format, expected) => {
    expect(answered(expected === 'xml' ? 'application/fhir+json' : 'application/fhir+xml', format)).toBe(
      expected,
    );
  });

  it.each(['ttl', 'csv', '', 'application/fhir+json;fhirVersion=3.0'])('%j is refused', (format) => {
    expect(answered('*/*', format)).toBe(REFUSED);
  });
});

describe('Content-Type', () => {
  it.each([
    [null, 'json'],
    ['application/fhir+json', 'json'],
    ['application/fhir+json; charset="UTF-8"; fhirVersion=4.0', 'json'],
    ['text/xml;charset=utf-8', 'xml'],
  ] as const)('%s is read as %s', (type, format) => {
    expect(formatOfBody(type, FORMATS)).toEqual({ ok: true, value: format });
  });

  it.each([
    'json',
    'text/plain',
    'multipart/form-data',
    'application/fhir+json; charset=utf-16',
    'application/fhir+json; fhirVersion=3.0',
  ])('%s is refused', (type) => {
    expect(formatOfBody(type, FORMATS).ok).toBe(false);
  });
});
