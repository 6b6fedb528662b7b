/** Whether an identity provider can vouch for the person, as far as that shows without asking it. */
import type { Check } from '../../shared/contract/doctor.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import type { Registry } from '../servers/registry.ts';
import { accountCheck } from './account-check.ts';

export interface VoucherDeps {
  readonly registry: Pick<Registry, 'find'>;
  readonly accountOf: (key: AccountKey) => AccountView | undefined;
  /** Whether a file holds an ID token that is good now. */
  readonly holdsIdToken: (file: string) => Promise<boolean>;
}

/** The provider that `server` names. */
export const voucherCheck = async (
  { registry, accountOf, holdsIdToken }: VoucherDeps,
  server: ServerId,
): Promise<Check> => {
  const named = registry.find(server)?.signIn?.identityProvider;
  const provider = named === undefined ? undefined : registry.find(named);
  if (provider?.kind !== 'identity-provider') {
    return {
      ...attention,
      text: 'the identity provider that it is to be signed in with is not there',
      hint: `add it, and name it: drawbridge configure ${server} --identity-provider <id>`,
    };
  }
  const file = provider.signIn?.idTokenFile;
  const check =
    file === undefined
      ? accountCheck(
          accountOf({ server: provider.id, account: provider.defaultAccount }),
          provider.id,
        )
      : await fileCheck({ holdsIdToken }, file);
  return check === undefined
    ? { tone: 'good', text: `${provider.title} vouches for the person` }
    : { ...check, text: `its identity provider, ${provider.title}: ${check.text}` };
};

/** Where the word of a provider is in a file. */
export const fileCheck = async (
  { holdsIdToken }: Pick<VoucherDeps, 'holdsIdToken'>,
  file: string,
): Promise<Check> =>
  (await holdsIdToken(file))
    ? { tone: 'good', text: `${file} holds an ID token that is good now` }
    : {
        ...attention,
        text: `${file} holds no ID token that is good now`,
        hint: 'whatever keeps it fresh has to renew it',
      };

const attention = { tone: 'attention', code: 'identity-provider' } as const;
