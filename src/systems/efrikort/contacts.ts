import { REGIONS } from './regions.ts';

/**
 * What the system keeps between calls, beside the resources. Values are JSON text. The same verbs as those of
 * the simulators' state, so that either store fits.
 */
export interface KeyValue {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  /** Writes only if the value still is `expected` (undefined: does not exist yet); false when it is not. */
  compareAndSet(key: string, expected: string | undefined, value: string): Promise<boolean>;
}

/** Whom to write to at a region: operator's data, personal, served by no API and written to no log. */
export interface RegionContact {
  readonly hsaId: string;
  readonly addresses: readonly string[];
  /** Whose they are, in words. */
  readonly name?: string;
  /** `YYYY-MM-DD`: from when they hold; absent: at once. */
  readonly validFrom?: string;
}

export interface RegionContacts {
  /** The addresses that hold at `now` (milliseconds); empty when there are none. */
  addressesOf(hsaId: string, now: number): Promise<readonly string[]>;
  /** Which region an address is known of, by its HSA-id. */
  directory(now: number): Promise<(address: string) => string | undefined>;
  /** Replaces what is known of these regions, each from the first day on that is loaded for it. */
  load(contacts: readonly RegionContact[]): Promise<void>;
}

const keyOf = (hsaId: string): string => `region-contact/${hsaId.trim().toLowerCase()}`;

/** Which regions were loaded: the list that comes with the server is not the last word. */
const INDEX = 'region-contacts';

const isContactList = (value: unknown): value is readonly RegionContact[] =>
  Array.isArray(value) &&
  value.every(
    (one: unknown) =>
      typeof one === 'object' && one !== null && 'addresses' in one && Array.isArray(one.addresses),
  );

const stored = (text: string | undefined): readonly RegionContact[] => {
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  return isContactList(value) ? value : [];
};

const startOf = ({ validFrom }: RegionContact): number =>
  validFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(validFrom);

/** Contacts kept in `state`; `defaults` where nothing was loaded. */
export const createRegionContacts = (
  state: KeyValue,
  defaults: readonly RegionContact[] = SHIPPED_CONTACTS,
): RegionContacts => {
  const addressesOf = async (hsaId: string, now: number): Promise<readonly string[]> => {
    const loaded = stored(await state.get(keyOf(hsaId))).filter((one) => startOf(one) <= now);
    const holding = loaded.length > 0 ? loaded : defaults.filter((one) => keyOf(one.hsaId) === keyOf(hsaId));
    const newest = Math.max(...holding.map(startOf));
    return [
      ...new Set(holding.filter((one) => startOf(one) === newest).flatMap(({ addresses }) => addresses)),
    ];
  };
  return {
    addressesOf,
    async directory(now) {
      const known = new Map<string, string>();
      const extra = stored(await state.get(INDEX)).map(({ hsaId }) => hsaId);
      for (const hsaId of new Set([...REGIONS.map((region) => region.hsaId), ...extra])) {
        for (const address of await addressesOf(hsaId, now)) known.set(address.toLowerCase(), hsaId);
      }
      return (address) => known.get(address.toLowerCase());
    },
    async load(contacts) {
      const byRegion = Map.groupBy(contacts, ({ hsaId }) => keyOf(hsaId));
      for (const [key, some] of byRegion) {
        const first = Math.min(...some.map(startOf));
        const earlier = stored(await state.get(key)).filter((one) => startOf(one) < first);
        await state.put(key, JSON.stringify([...earlier, ...some]));
      }
      const before = stored(await state.get(INDEX)).map(({ hsaId }) => hsaId);
      const all = new Set([...before, ...contacts.map(({ hsaId }) => hsaId)]);
      await state.put(INDEX, JSON.stringify([...all].map((hsaId) => ({ hsaId, addresses: [] }))));
    },
  };
};

/** The one mailbox of the list that is no person's. */
export const SHIPPED_CONTACTS: readonly RegionContact[] = REGIONS.flatMap(({ hsaId, functionMailbox }) =>
  functionMailbox === undefined ? [] : [{ hsaId, addresses: [functionMailbox] }],
);

/** Halland stays without, so that a sandbox shows what a region without a contact means. */
const WITHOUT_CONTACT = 'SE2321000115-O00001';

/** Addresses that exist nowhere, for the sandbox. */
export const SANDBOX_CONTACTS: readonly RegionContact[] = REGIONS.filter(
  ({ hsaId }) => hsaId !== WITHOUT_CONTACT,
).map(({ hsaId, functionMailbox }) => ({
  hsaId,
  addresses: [functionMailbox ?? `${hsaId.toLowerCase()}@region.example`],
}));
