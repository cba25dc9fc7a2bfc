import { type Certificate, parseCertificateText } from '../../src/xml/certificate.ts';

/**
 * Two ID cards of Danish DGWS, made with keys that were thrown away and checked with an XML security library: the
 * signatures of this server must agree with them.
 */

/** A system card of a simulated STS, RSA-SHA1; `xmlns:ds` stands on the root, where it is not used. */
export const VECTOR_A = [
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.o',
  'rg/2000/09/xmldsig#" IssueInstant="2026-03-03T06:55:00Z" Version="2.0" id="IDCard"><saml:Iss',
  'uer>SIM-STS</saml:Issuer><saml:Subject><saml:NameID Format="medcom:other">SubjectDN={CN=fhir',
  '-facade,SERIALNUMBER=UI:DK-O:G:2f6d1e90-5c3a-4b7e-8d21-6a9b0c4e7f35,O=Eksempel Apotek,2.5.4.',
  '97=NTRDK-12345674,C=DK},IssuerDN={CN=SIM OCES CA,O=Simulator,C=DK},CertSerial={5002}</saml:N',
  'ameID><saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:hold',
  'er-of-key</saml:ConfirmationMethod><saml:SubjectConfirmationData><ds:KeyInfo><ds:KeyName>OCE',
  'SSignature</ds:KeyName></ds:KeyInfo></saml:SubjectConfirmationData></saml:SubjectConfirmatio',
  'n></saml:Subject><saml:Conditions NotBefore="2026-03-03T06:55:00Z" NotOnOrAfter="2026-03-04T',
  '06:55:00Z"></saml:Conditions><saml:AttributeStatement id="IDCardData"><saml:Attribute Name="',
  'sosi:IDCardID"><saml:AttributeValue>6Jq0mX3vQmS1pZbJ4tE2Ww==</saml:AttributeValue></saml:Att',
  'ribute><saml:Attribute Name="sosi:IDCardVersion"><saml:AttributeValue>1.0.1</saml:AttributeV',
  'alue></saml:Attribute><saml:Attribute Name="sosi:IDCardType"><saml:AttributeValue>system</sa',
  'ml:AttributeValue></saml:Attribute><saml:Attribute Name="sosi:AuthenticationLevel"><saml:Att',
  'ributeValue>3</saml:AttributeValue></saml:Attribute><saml:Attribute Name="sosi:OCESCertHash"',
  '><saml:AttributeValue>hJgzp878rXBgIb3SkPlwaIuQ8Z4=</saml:AttributeValue></saml:Attribute></s',
  'aml:AttributeStatement><saml:AttributeStatement id="SystemLog"><saml:Attribute Name="medcom:',
  'ITSystemName"><saml:AttributeValue>fhir-facade</saml:AttributeValue></saml:Attribute><saml:A',
  'ttribute Name="medcom:CareProviderID" NameFormat="medcom:cvrnumber"><saml:AttributeValue>123',
  '45674</saml:AttributeValue></saml:Attribute><saml:Attribute Name="medcom:CareProviderName"><',
  'saml:AttributeValue>Eksempel Apotek</saml:AttributeValue></saml:Attribute></saml:AttributeSt',
  'atement><ds:Signature id="OCESSignature"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm',
  '="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod><ds:SignatureMethod A',
  'lgorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"></ds:SignatureMethod><ds:Reference URI',
  '="#IDCard"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#envelop',
  'ed-signature"></ds:Transform><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n',
  '#"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmld',
  'sig#sha1"></ds:DigestMethod><ds:DigestValue>eS8QB2rcs7vjpr+MC/K+o0qb+GM=</ds:DigestValue></d',
  's:Reference></ds:SignedInfo><ds:SignatureValue>UQO7gIK2VFlfIKzwDSDpM20gzCglof6R3Ry05ibiVTIIJ',
  'ovEFV5rS2JiB4cjxEoXpLSVCoLVneCF/HHVRaNo7zRekkMiUd1DQExK9DawTR4+Eh2tt8wLczQ1FmoHAE4QsZNOtPBTM',
  'I/CwEIki0DDZiNzCb/h9D8okpA/UTz98dFICwRo/UVbLlh0aoik9m4aI2Lyk3kzQvDUxdhrkM8HRHud0Mkj6yECKoyDL',
  '01MvUaBb/aaHZxqy4dhyVNllj3M9Ub5BnGxkVwP8OBT2mZ2WV/E0DosQDpfoMorzxhkwfx/VOPhmvPdWJSFInFvXZDTl',
  'tO9wMu2VGQkrR1U2S2Ovw==</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>MIIC',
  '4DCCAcigAwIBAgICE4kwDQYJKoZIhvcNAQELBQAwMzELMAkGA1UEBhMCREsxEjAQBgNVBAoMCVNpbXVsYXRvcjEQMA4G',
  'A1UEAwwHU0lNLVNUUzAeFw0yNTAxMDEwMDAwMDBaFw00NTAxMDEwMDAwMDBaMDMxCzAJBgNVBAYTAkRLMRIwEAYDVQQK',
  'DAlTaW11bGF0b3IxEDAOBgNVBAMMB1NJTS1TVFMwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC9WveK85Yp',
  'yUtzNpLTBGzt04sASD9v39aay9xlYuN3m7Kqd3n+NxXw4fKkRw7QwUGHDC/MTtDcoUBU7uYkhnRfmVHN+SlhLjUv4qhx',
  'oo/1U4/TPmlCJOOcHo2/63HxHbS37wWP0vO1MGKT6rKFRYupoNpIaxJ7FybayQPI8Tp6+DA7lekCD9zQWnAneWLhuAyO',
  'khq/D2+JwqcQJOO8/CwgP6ZLfgZBvWsHvVK1ohlBwwePlooojhfFT7/BP3RiIN32f2PisImSB7SlpmjRC3yI0cBk99q5',
  'HbK8C/7bLZAKP/z6mRxyLc5qDa7FViXzaXzqIt4pYYNumvjLBHBiOCYJAgMBAAEwDQYJKoZIhvcNAQELBQADggEBAB8J',
  'ugHD2vcs+ZzWw0BpVDYFbg4o+xXNk0gGvX3HRk9IWKoyeMAFBuA+ufjkN7IZIfuO8CZwqWUezcZUT8MPOBOL1pWOww/l',
  'AknNPSPGCatLwaTCI/C/Mu/GrAGnGmd3AylggTgceRrEqXXGmkQOCtoccQW6tbXK7c+SR+UQK+9Wvjf/mpgF8XW6oMud',
  'PnzJiSEi8AIrCTp1jLp5igIVdhJDbl3jT74Na27Ha5Ueutz4aiB7BWPg5IjO4zaONrz53sB5RjCBXNfxgDBPNsuRgoqw',
  'zvC6W8hB2Qas6U23LXbDbqyoDjer3SrUNcFiebp3frWNd+9TpjT8Fs/yDgp0oMI=</ds:X509Certificate></ds:X5',
  '09Data></ds:KeyInfo></ds:Signature></saml:Assertion>',
].join('');

/** A self-signed system card, RSA-SHA256. */
export const VECTOR_B = [
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.o',
  'rg/2000/09/xmldsig#" IssueInstant="2026-03-03T06:55:00Z" Version="2.0" id="IDCard"><saml:Iss',
  'uer>fhir-facade</saml:Issuer><saml:Subject><saml:NameID Format="medcom:cvrnumber">12345674</',
  'saml:NameID><saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:c',
  'm:holder-of-key</saml:ConfirmationMethod><saml:SubjectConfirmationData><ds:KeyInfo><ds:KeyNa',
  'me>OCESSignature</ds:KeyName></ds:KeyInfo></saml:SubjectConfirmationData></saml:SubjectConfi',
  'rmation></saml:Subject><saml:Conditions NotBefore="2026-03-03T06:55:00Z" NotOnOrAfter="2026-',
  '03-04T06:55:00Z"></saml:Conditions><saml:AttributeStatement id="IDCardData"><saml:Attribute ',
  'Name="sosi:IDCardID"><saml:AttributeValue>6Jq0mX3vQmS1pZbJ4tE2Ww==</saml:AttributeValue></sa',
  'ml:Attribute><saml:Attribute Name="sosi:IDCardVersion"><saml:AttributeValue>1.0.1</saml:Attr',
  'ibuteValue></saml:Attribute><saml:Attribute Name="sosi:IDCardType"><saml:AttributeValue>syst',
  'em</saml:AttributeValue></saml:Attribute><saml:Attribute Name="sosi:AuthenticationLevel"><sa',
  'ml:AttributeValue>3</saml:AttributeValue></saml:Attribute><saml:Attribute Name="sosi:OCESCer',
  'tHash"><saml:AttributeValue>ISj2lDs9EPzIHYkOecd+ghuj7JQfpiRYI3wfZJb8pjI=</saml:AttributeValu',
  'e></saml:Attribute></saml:AttributeStatement><saml:AttributeStatement id="SystemLog"><saml:A',
  'ttribute Name="medcom:ITSystemName"><saml:AttributeValue>fhir-facade</saml:AttributeValue></',
  'saml:Attribute><saml:Attribute Name="medcom:CareProviderID" NameFormat="medcom:cvrnumber"><s',
  'aml:AttributeValue>12345674</saml:AttributeValue></saml:Attribute><saml:Attribute Name="medc',
  'om:CareProviderName"><saml:AttributeValue>Eksempel Apotek</saml:AttributeValue></saml:Attrib',
  'ute></saml:AttributeStatement><ds:Signature id="OCESSignature"><ds:SignedInfo><ds:Canonicali',
  'zationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod',
  '><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:Sign',
  'atureMethod><ds:Reference URI="#IDCard"><ds:Transforms><ds:Transform Algorithm="http://www.w',
  '3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform><ds:Transform Algorithm="http://ww',
  'w.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="h',
  'ttp://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>Mh6VIgNaJgoFe5Yv/V',
  'p+m9I0Enyi2fl6V13wMVqqlnA=</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue',
  '>baOt3sqpXD5g3e71Md27UHebaRq0U4uYjtFADySjHwCSwl0fmjiY5L8iunCAPtHOca9Vvyo8oRLIVhBFaLujjJ7fS5s',
  '/6rlM0z+XooKNaKjY5B7Gi88yKK9W8SeQ9RJmd5HtAXYCjMv/dZ6At50dibScEESZbb4rLztvuptyAkeHbZbIhmDFYVr',
  'Dhsa5mnQMynIaM8x5uWPQJbsCm4xIyO8woe2KSzWwmh6PxjondrXkA76rE6DPA5s4SXMoIdwD1x+SWLXQJ8/2pxAlbNP',
  'rB8MevadgczforDTHJx4aVJsMoGhRCJNjQZpH+tfej1vQmYCKuEAvzVVsJa++4t35/w==</ds:SignatureValue><ds',
  ':KeyInfo><ds:X509Data><ds:X509Certificate>MIIDmjCCAoKgAwIBAgICE4owDQYJKoZIhvcNAQELBQAwgY8xCz',
  'AJBgNVBAYTAkRLMRcwFQYDVQRhDA5OVFJESy0xMjM0NTY3NDEYMBYGA1UECgwPRWtzZW1wZWwgQXBvdGVrMTcwNQYDVQ',
  'QFEy5VSTpESy1POkc6MmY2ZDFlOTAtNWMzYS00YjdlLThkMjEtNmE5YjBjNGU3ZjM1MRQwEgYDVQQDDAtmaGlyLWZhY2',
  'FkZTAeFw0yNTAxMDEwMDAwMDBaFw00NTAxMDEwMDAwMDBaMIGPMQswCQYDVQQGEwJESzEXMBUGA1UEYQwOTlRSREstMT',
  'IzNDU2NzQxGDAWBgNVBAoMD0Vrc2VtcGVsIEFwb3RlazE3MDUGA1UEBRMuVUk6REstTzpHOjJmNmQxZTkwLTVjM2EtNG',
  'I3ZS04ZDIxLTZhOWIwYzRlN2YzNTEUMBIGA1UEAwwLZmhpci1mYWNhZGUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwgg',
  'EKAoIBAQDbqrwJglEHURFuYDdfRABMHtp+U4Crj8cgzds/d1hKRmJtH7sFn07N2TdmALiOaY0LGCBc/a3Eg8oXwhuo5t',
  'MZOSJVUn+4DQjv+EP67RIG9WMPNf3q7p34B2zVInh6R752eXh3Vlz1smO4kA0P4RJuP12/j0zgY1qT4FJy36WQWH2iHT',
  'ynwqTT0VxtaDD9FAm9X/V+ZS6DJH/ZdfSwxLn+GSY3HbbEBq7mJgaOd1yTqgvF0qeT7BIs/JsZ6L8PQo5XVK8QsdEfD/',
  'hIjRQLl3n47KceaMw3BFcKLP3qJCzlBDTDSeAU5tEdLZx7QbXTlScYzsoGuFlgknSD39lvgu9lAgMBAAEwDQYJKoZIhv',
  'cNAQELBQADggEBANZLwTPYDwp0Cjw3ieOBy4SrnLN2aqVgz/KW8i3UBZbfI83qmKnFcctSZATg9SmENVMp/yAIRCnkpG',
  '7xGLTJYyTPeBGXr/1Z6/UJI8PG0POV23yVwYv2JV9MUVQJwQAOnR6uhuR+LWri064J/6OUcB/TVI3MNLGqkaTb/ujPr4',
  'F4xeC1t9E8+KYfm4vh0ANyBOpDD0hWZHKy3DsBkSbE1Gajn/+pJOFLSPnW4YEB5ZlAcVYXmPu8GASqCM8ZERQg/DDdQ9',
  'ZxaQeiIl6WUwbo2Z+sOSYaOfz9vczloqeI8T9byjxtKrTdjAd2fUZhuNVMHMNZwlB29YSl0fmvcAt9krU=</ds:X509C',
  'ertificate></ds:X509Data></ds:KeyInfo></ds:Signature></saml:Assertion>',
].join('');

/** The certificate that a card shows in its signature. */
export const vectorCertificate = (card: string): Certificate => {
  const [, text = ''] = /<ds:X509Certificate>([^<]+)</.exec(card) ?? [];
  const certificate = parseCertificateText(text);
  if (certificate === undefined) throw new Error('The card shows no certificate');
  return certificate;
};
