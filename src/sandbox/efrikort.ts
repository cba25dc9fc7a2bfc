import type { Environment } from '../config.ts';
import type { EfrikortPlace } from '../connect/efrikort.ts';
import { addressesIn } from '../mail/address.ts';
import { parseMail } from '../mail/parse.ts';
import type { Clock, Database, Fetch } from '../ports.ts';
import { SANDBOX_CONTACTS } from '../systems/efrikort/contacts.ts';
import { EFRIKORT_DEFAULTS } from '../systems/efrikort/settings.ts';
import { createEfrikortSimulator } from '../systems/efrikort/simulator.ts';
import { createCardService, presenting } from '../systems/efrikort/simulator-cards.ts';
import { EFRIKORT_FAULT_KINDS, EFRIKORT_SIMULATOR_DEFAULTS } from '../systems/efrikort/simulator-settings.ts';
import type { Faults } from '../systems/simulation/faults.ts';
import { createSimulatorState } from '../systems/simulation/state.ts';
import type { SystemName } from '../systems/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';

export { EFRIKORT_FAULT_KINDS };

const URLS = {
  mail: 'https://efrikort.sandbox.invalid/mail',
  service: 'https://efrikort.sandbox.invalid/efrikortService',
} as const;

/** Self-signed, of `SE5599990016-EX01`, the system of the examples; nobody needs its key here. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIB7DCCAZKgAwIBAgICEAMwCgYIKoZIzj0EAwIwfzELMAkGA1UEBhMCU0UxEzAR
BgNVBAcMCsOWc3RlcnN1bmQxGTAXBgNVBAoMEEV4ZW1wZWxzeXN0ZW0gQUIxJDAi
BgNVBAMMG2ludGVncmF0aW9uLmV4ZW1wZWwuZXhhbXBsZTEaMBgGA1UEBRMRU0U1
NTk5OTkwMDE2LUVYMDEwHhcNMjUwMTAxMDAwMDAwWhcNNDUwMTAxMDAwMDAwWjB/
MQswCQYDVQQGEwJTRTETMBEGA1UEBwwKw5ZzdGVyc3VuZDEZMBcGA1UECgwQRXhl
bXBlbHN5c3RlbSBBQjEkMCIGA1UEAwwbaW50ZWdyYXRpb24uZXhlbXBlbC5leGFt
cGxlMRowGAYDVQQFExFTRTU1OTk5OTAwMTYtRVgwMTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABC41DpdqpkCCQYbISLdpnb/4EuyVZJ/acYV2AhkCULVl6HcmG4ws
63lGY2oy7vgnlia7xBV8iMdPzIQkPOUcvvwwCgYIKoZIzj0EAwIDSAAwRQIgYk7y
j3PVygarTI44hAL7+ZIFemqP51WWh39QhxgFC5UCIQDg9pZ66+AgFJUPArL/g+Fw
hWhWw5Vf6+Jn1lAXGD9XXQ==
-----END CERTIFICATE-----
`;

/** Everything that a real deployment would have to say; what is left open can be set in the sandbox too. */
const ENVIRONMENT: Environment = {
  EFRIKORT_MAIL_FROM: 'Exempelsystem AB <integration@exempelsystem.example>',
  EFRIKORT_MAIL_URL: URLS.mail,
  EFRIKORT_INBOX_URL: URLS.mail,
  EFRIKORT_URL: URLS.service,
  EFRIKORT_CLIENT_CERTIFICATE: CERTIFICATE,
};

/** A mail that the sandbox's mailbox has caught, as `GET /sandbox/mails` shows it. */
export interface ShownMail {
  readonly messageId: string;
  /** RFC 3339. */
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** RFC 5322. */
  readonly raw: string;
}

/** What a person may answer in a region's name. */
export const REGION_ANSWERS = ['approve', 'reject', 'unclear'] as const;

export type RegionAnswer = (typeof REGION_ANSWERS)[number];

export interface EfrikortSandbox {
  readonly place: EfrikortPlace;
  /** Newest first. */
  readonly mails: () => Promise<readonly ShownMail[]>;
  /** The region's answer, there at once; false when there is no such mail. */
  readonly answer: (messageId: string, answer: RegionAnswer) => Promise<boolean>;
}

export interface EfrikortSandboxParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly recorded: (system: SystemName, simulator: Fetch) => UpstreamFetch;
  /** Settings of eFrikort that hold in the sandbox as well. */
  readonly environment: Environment;
}

/** The regions' mailboxes, CGI's support and eFrikort's services, simulated in this process. */
export const createEfrikortSandbox = (parts: EfrikortSandboxParts): EfrikortSandbox => {
  const { database, clock, faults, recorded, environment } = parts;
  const simulator = createEfrikortSimulator({
    state: createSimulatorState(database, 'efrikort'),
    clock,
    settings: {
      ...EFRIKORT_SIMULATOR_DEFAULTS,
      testGate:
        environment['EFRIKORT_TEST_GATE'] === 'per-system-and-region'
          ? 'per-system-and-region'
          : 'per-system',
    },
    contacts: SANDBOX_CONTACTS,
    support: environment['EFRIKORT_SUPPORT'] ?? EFRIKORT_DEFAULTS.support,
    faults,
  });
  const service = createCardService({ now: clock, granted: simulator.granted });
  const known = (messageId: string): string => (messageId.startsWith('<') ? messageId : `<${messageId}>`);
  return {
    place: {
      environment: ENVIRONMENT,
      contacts: SANDBOX_CONTACTS,
      fetchMail: recorded('efrikort', simulator.fetch),
      // Not among the exchanges: looking for mail every minute would crowd out what somebody did.
      fetchInbox: simulator.fetch,
      fetchService: recorded('efrikort', presenting(CERTIFICATE, service)),
    },
    mails: async () =>
      (await simulator.mails()).toReversed().map(({ messageId, at, sender, recipients, raw }) => {
        const mail = parseMail(raw);
        return {
          messageId,
          at: new Date(at).toISOString(),
          from: addressesIn(mail?.header('from') ?? '')[0] ?? sender,
          to: recipients,
          subject: mail?.header('subject') ?? '',
          text: mail?.text ?? '',
          raw,
        };
      }),
    answer: (messageId, answer) => simulator.answer(known(messageId), answer),
  };
};
