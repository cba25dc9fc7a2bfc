/** Elements of a DGWS message whose text is nobody's business, whatever their prefix. */
const SECRET = /(<(?:[\w.-]+:)?(SignatureValue|X509Certificate)(?:\s[^>]*)?>)[^<]*(?=<)/g;

/** A DGWS message for an exchange record: signature values and certificates replaced by `***`. */
export const maskEnvelope = (text: string): string => text.replace(SECRET, '$1***');
