// FHIR XML of another library: what is written and read with it as a text, as this server does.
import { Fhir } from 'fhir';

const fhir = new Fhir();

export const roundTrip = (json) => fhir.xmlToJson(fhir.jsonToXml(json));
