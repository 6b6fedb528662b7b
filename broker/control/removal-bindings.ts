/** What the routes do that remove something: for good, or so that it can be put back for a moment. */
import { titleOf } from '../../shared/account-words.ts';
import type { DoorKeyId, DoorKeyView } from '../../shared/contract/door-keys.ts';
import { type AccountKey, keyText, type ServerId } from '../../shared/contract/ids.ts';
import type { RemovalWish } from '../../shared/contract/removals.ts';
import type { Rule, RuleId } from '../../shared/contract/rules.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import type { SecretName } from '../../shared/contract/token-sources.ts';
import { ruleScope } from '../../shared/rule-words.ts';
import type { Removals, Taken } from '../removals/removals.ts';
import { type TakeServerDeps, takeServer } from '../removals/take-server.ts';
import {
  leaveAccount,
  type TakeAccountDeps,
  takeAccount,
  takeSignIn,
} from '../removals/take-sign-in.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';
import { type TakeSettingDeps, takeCertificate, takeException } from './take-setting.ts';

export interface RemovalBindingDeps
  extends Omit<TakeServerDeps, 'registry'>,
    Omit<TakeAccountDeps, 'nameOf' | 'registry'> {
  readonly registry: Registry;
  readonly removals: Pick<Removals, 'keep' | 'undo' | 'settle' | 'settleSignIn'>;
  readonly rules: {
    readonly all: () => readonly Rule[];
    /** Returns the way back. Throws `not-found`. */
    readonly remove: (id: RuleId) => () => void;
  };
  readonly doorKeys: {
    readonly all: () => readonly DoorKeyView[];
    /** Returns the way back. Throws `not-found`. */
    readonly revoke: (id: DoorKeyId) => () => void;
  };
  /** Takes the secret, and returns the way back. Both reject like the vault, the way back with `undo-too-late` too. */
  readonly takeSecret: (name: SecretName) => Promise<() => Promise<void>>;
  readonly deeds: TakeSettingDeps['deeds'];
  readonly snapshot: () => Snapshot;
  /** What changes a server happens one after the other. */
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  /** Throws `bad-request` where nobody signs in. */
  readonly assertSignsIn: (key: AccountKey) => void;
}

type Names =
  | 'signOut'
  | 'removeAccount'
  | 'removeServer'
  | 'removeRule'
  | 'revokeDoorKey'
  | 'remove'
  | 'undo'
  | 'settleRemoval';

type Take = { readonly [W in RemovalWish['what']]: (wish: WishOf<W>) => Promise<Taken> | Taken };
type WishOf<W> = Extract<RemovalWish, { readonly what: W }>;

export const createRemovalBindings = (deps: RemovalBindingDeps): Pick<Bindings, Names> => {
  const { registry, removals, rules, doorKeys, inTurn } = deps;

  const nameOf = (key: AccountKey): string => {
    const server = deps.snapshot().servers.find(({ id }) => id === key.server);
    const account = server?.accounts.find(({ id }) => id === key.account);
    return server === undefined || account === undefined ? keyText(key) : titleOf(server, account);
  };
  const taking = { ...deps, nameOf };

  /** Also the way back is taken when it is its turn. */
  const ofServer = async (server: ServerId, run: () => Promise<Taken>): Promise<Taken> => {
    const taken = await inTurn(server, run);
    return {
      ...taken,
      putBack: (assertInTime) =>
        inTurn(server, async () => {
          assertInTime();
          await taken.putBack(assertInTime);
        }),
    };
  };

  const take: Take = {
    'sign-in': ({ server, account }) => {
      deps.assertSignsIn({ server, account });
      return ofServer(server, () => takeSignIn(taking, { server, account }));
    },
    account: ({ server, account }) =>
      ofServer(server, () => takeAccount(taking, { server, account })),
    server: ({ server }) => ofServer(server, () => takeServer(deps, server)),
    rule: ({ id }) => {
      const rule = rules.all().find((one) => one.id === id);
      const putBack = rules.remove(id);
      return { name: rule === undefined ? id : ruleScope(rule), putBack };
    },
    key: ({ id }) => {
      const key = doorKeys.all().find((one) => one.id === id);
      const putBack = doorKeys.revoke(id);
      return { name: key?.aiClient ?? id, putBack };
    },
    secret: async ({ name }) => ({ name, putBack: await deps.takeSecret(name) }),
    exception: ({ server, exception }) =>
      ofServer(server, () => takeException(deps, server, exception)),
    certificate: ({ server }) => ofServer(server, () => takeCertificate(deps, server)),
  };

  const forGood = async (taken: Promise<Taken>): Promise<Record<string, never>> => {
    await (await taken).settle?.();
    return {};
  };

  return {
    signOut: async (key) => {
      deps.assertSignsIn(key);
      const left = await inTurn(key.server, () => {
        registry.markSignedOut(key, true);
        return leaveAccount(deps, key);
      });
      return left.end();
    },
    removeAccount: (key) => forGood(inTurn(key.server, () => takeAccount(taking, key))),
    removeServer: ({ server }) => forGood(inTurn(server, () => takeServer(deps, server))),
    removeRule: (_params, { id }) => {
      rules.remove(id);
      return {};
    },
    revokeDoorKey: (_params, { id }) => {
      doorKeys.revoke(id);
      return {};
    },
    remove: async (_params, wish) => {
      const taken = await (take[wish.what] as (wish: RemovalWish) => Promise<Taken> | Taken)(wish);
      return { id: removals.keep(wish.what, taken) };
    },
    undo: async (_params, { id }) => {
      await removals.undo(id);
      return {};
    },
    settleRemoval: async (_params, { id }) => {
      await removals.settle(id);
      return {};
    },
  };
};
