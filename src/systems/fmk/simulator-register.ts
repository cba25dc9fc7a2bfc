import type { SimulatorState } from '../simulation/state.ts';
import type { FocesWhitelisting } from './message.ts';

/** The whitelistings that the simulated FMK has. */
export interface WhitelistRegister {
  has(entry: FocesWhitelisting): Promise<boolean>;
  /** The entries of a CVR, in the order in which they were made. */
  list(cvr: string): Promise<readonly FocesWhitelisting[]>;
  add(entry: FocesWhitelisting): Promise<void>;
  /** False when there was none. */
  remove(entry: FocesWhitelisting): Promise<boolean>;
}

export interface RegisterRules {
  readonly caseSensitive: boolean;
  readonly deleteIgnoresCertHash: boolean;
}

const PREFIX = 'fw/';
const PAGE = 500;

/** Only `add` writes these values. */
const parse = (text: string): FocesWhitelisting => JSON.parse(text) as FocesWhitelisting;

export const createWhitelistRegister = (state: SimulatorState, rules: RegisterRules): WhitelistRegister => {
  const part = (text: string): string => encodeURIComponent(rules.caseSensitive ? text : text.toLowerCase());
  const startOf = ({ OrganisationIdentifier, FocesId }: FocesWhitelisting): string =>
    `${PREFIX}${part(OrganisationIdentifier.value)}/${part(FocesId)}/`;
  const keyOf = (entry: FocesWhitelisting): string => startOf(entry) + part(entry.CertHash ?? '');

  const rows = async (prefix: string) => {
    const found: { readonly key: string; readonly value: string }[] = [];
    let after = 0;
    for (;;) {
      const page = await state.list(prefix, after, PAGE);
      found.push(...page);
      after = page.at(-1)?.position ?? 0;
      if (page.length < PAGE) return found;
    }
  };

  return {
    has: async (entry) => (await state.get(keyOf(entry))) !== undefined,
    list: async (cvr) => (await rows(`${PREFIX}${part(cvr)}/`)).map(({ value }) => parse(value)),
    add: (entry) => state.put(keyOf(entry), JSON.stringify(entry)),
    async remove(entry) {
      const prefix = rules.deleteIgnoresCertHash ? startOf(entry) : keyOf(entry);
      const keys = (await rows(prefix)).map(({ key }) => key);
      const meant = rules.deleteIgnoresCertHash ? keys : keys.filter((key) => key === prefix);
      for (const key of meant) await state.delete(key);
      return meant.length > 0;
    },
  };
};
