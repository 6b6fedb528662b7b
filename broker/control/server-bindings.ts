/** What the routes that add, change and remove servers do. */
import {
  hasTwoSecrets,
  shownPart,
  withoutForeignSecrets,
} from '../../shared/contract/client-secrets.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { SignInWish } from '../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { type AddServerFlow, bothWays } from '../servers/add.ts';
import type { AddLocalFlow } from '../servers/add-local.ts';
import { assertSettings } from '../servers/assert-settings.ts';
import { type Registry, type ServerRecord, settingsAfter } from '../servers/registry.ts';
import type { Settlements } from '../tokens/settle.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Unattended } from '../tokens/unattended.ts';
import type { Bindings } from './handler.ts';

export interface ServerBindingDeps {
  readonly registry: Registry;
  readonly servers: AddServerFlow;
  readonly localServers: AddLocalFlow;
  readonly signIns: Pick<SignIns, 'cancel' | 'forget'>;
  readonly settlements: Pick<Settlements, 'keepSecrets'>;
  /** Throws `client-key-unusable`. */
  readonly assertClientKey: (key: string) => void;
  readonly unattended: Pick<Unattended, 'begin'>;
  readonly openVault: () => Promise<void>;
  /** What changes a server happens one after the other. */
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly endAccount: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  readonly view: (server: ServerId) => ServerView;
}

type Names =
  | 'addServer'
  | 'addIdentityProvider'
  | 'addLocalServer'
  | 'setLocalSecrets'
  | 'configureSignIn'
  | 'renameServer';

export const createServerBindings = (deps: ServerBindingDeps): Pick<Bindings, Names> => {
  const { registry, servers, signIns, inTurn, endAccount, view } = deps;

  /** Half a server, with a client id and no secret, would only fail later and less clearly. */
  const settle = async ({ id }: ServerRecord, wish: SignInWish | undefined): Promise<void> => {
    try {
      if (wish !== undefined) {
        await deps.openVault();
        await deps.settlements.keepSecrets(id, { set: wish, unset: [] });
      }
    } catch (error) {
      registry.remove(id);
      throw error;
    }
    deps.unattended.begin(id);
  };

  /** A key that cannot sign is refused while the person still knows where it is from. */
  const assertKey = (wish: SignInWish | undefined): void => {
    if (wish?.clientKey !== undefined) deps.assertClientKey(wish.clientKey);
    if (hasTwoSecrets(wish ?? {}))
      throw new ProblemError('bad-request', 'a client has one secret', {
        hint: 'give it, or say where it stands',
      });
  };

  return {
    addServer: async (_params, wish) => {
      assertKey(wish.signIn);
      const { record, probe } = await servers.add(wish);
      await inTurn(record.id, () => settle(record, wish.signIn));
      return { server: view(record.id), probe };
    },
    addIdentityProvider: async (_params, wish) => {
      assertKey(wish.signIn);
      const record = await servers.addIdentityProvider(wish);
      await inTurn(record.id, () => settle(record, wish.signIn));
      return { server: view(record.id) };
    },
    addLocalServer: async (_params, wish) => {
      const { id } = await deps.localServers.add(wish);
      return { server: view(id) };
    },
    setLocalSecrets: ({ server }, { secrets }) =>
      inTurn(server, async () => {
        await deps.localServers.setSecrets(server, secrets);
        return { server: view(server) };
      }),
    configureSignIn: ({ server }, change) =>
      inTurn(server, async () => {
        const record = registry.get(server);
        const { accounts, signIn } = record;
        if (record.tokenSource === 'minted') throw bothWays();
        const { set, unset } = withoutForeignSecrets(
          change,
          signIn ?? {},
          record.clientIssuer !== undefined,
        );
        assertKey(set);
        assertSettings(
          registry,
          record.kind,
          settingsAfter(record, { set: shownPart(set), unset }),
        );
        // One that runs was begun with what no longer counts.
        await Promise.all(accounts.map((account) => signIns.cancel({ server, account })));
        await deps.openVault();
        // In this order, so that at no moment the id of one client stands beside the secret of another.
        await deps.settlements.keepSecrets(server, { set: {}, unset });
        registry.changeSignIn(server, { set: shownPart(set), unset });
        await deps.settlements.keepSecrets(server, { set, unset: [] });
        // Why it failed before is no news of what is settled now.
        for (const account of accounts) signIns.forget({ server, account });
        if (registry.get(server).tokenSource === 'none')
          await Promise.all(accounts.map((account) => endAccount({ server, account })));
        deps.unattended.begin(server);
        return { server: view(server) };
      }),
    renameServer: ({ server }, { title }) =>
      inTurn(server, async () => {
        registry.amend(server, { title });
        return { server: view(server) };
      }),
  };
};
