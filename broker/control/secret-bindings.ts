/** What the routes of named secrets do. What names one that is another now goes on with that one, at once. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { vaultNamesIn } from '../../shared/contract/references.ts';
import type { SecretName } from '../../shared/contract/token-sources.ts';
import { secretsNamedBy } from '../../shared/secrets-named.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import type { TokenBook } from '../tokens/book.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { NamedSecrets } from '../tokens/named-secrets.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Unattended } from '../tokens/unattended.ts';
import { Secret } from '../vault/secret.ts';
import type { DoorBindingDeps } from './door-bindings.ts';
import type { Bindings } from './handler.ts';

export interface SecretBindingDeps {
  readonly registry: Pick<Registry, 'all'>;
  readonly secrets: NamedSecrets;
  readonly minted: Pick<MintedBook, 'forget' | 'renew'>;
  readonly book: Pick<TokenBook, 'facts' | 'renew'>;
  readonly signIns: Pick<SignIns, 'failure' | 'forget'>;
  readonly unattended: Pick<Unattended, 'beginMissing'>;
  readonly door: Pick<DoorBindingDeps['door'], 'view'>;
  /** A program that did not run for want of a secret may be tried again. */
  readonly forgive: (server: ServerId) => void;
  readonly openVault: () => Promise<void>;
}

type Names = 'secrets' | 'keepSecret' | 'removeSecret';

export const createSecretBindings = (deps: SecretBindingDeps): Pick<Bindings, Names> => {
  const { registry, secrets, minted, book, signIns } = deps;

  const naming = (name: string): readonly ServerRecord[] =>
    registry.all().filter((server) => secretsNamedBy(server).includes(name));

  /** What was got with the secret as it was is used no more, and what can be got now shows at once. */
  const getAnew = (name: string): void => {
    for (const { id, command } of naming(name))
      if (vaultNamesIn(command?.env).includes(name)) deps.forgive(id);
    const minting = naming(name).filter(({ source }) => vaultNamesIn(source).includes(name));
    for (const key of minting.flatMap(keysOf)) {
      minted.forget(key);
      void minted.renew(key).catch(isShown);
    }
  };

  /** Sign-ins and renewals that came to nothing for want of it: those of the servers that name it, or whose provider does. */
  const goOn = (name: string): void => {
    const ids = new Set(naming(name).map(({ id }) => id));
    const waiting = registry
      .all()
      .filter(({ id, signIn }) => ids.has(id) || ids.has(signIn?.identityProvider ?? ''));
    for (const key of waiting.flatMap(keysOf)) {
      if (signIns.failure(key) !== undefined) signIns.forget(key);
      // Where the server named the wait, only its end ends it.
      if (book.facts(key)?.trouble?.asked === false) void book.renew(key).catch(isShown);
    }
    deps.unattended.beginMissing();
  };

  return {
    secrets: () => {
      const ofDoor = vaultNamesIn(deps.door.view().settings.verify);
      return { names: [...secrets.names()], ...(ofDoor.length === 0 ? {} : { door: [...ofDoor] }) };
    },
    keepSecret: async (_params, { name, value }) => {
      await deps.openVault();
      await secrets.keep(name, new Secret(value));
      getAnew(name);
      goOn(name);
      return {};
    },
    removeSecret: async (_params, { name }) => {
      await deps.openVault();
      await secrets.remove(name);
      getAnew(name);
      return {};
    },
  };
};

/**
 * Takes a secret out of the vault, and returns the way back. Rejects with `not-found`, and like the vault; the way back with
 * `undo-too-late` when another one has been given its name meanwhile.
 */
export const takeSecret = async (
  { secrets, openVault }: Pick<SecretBindingDeps, 'secrets' | 'openVault'>,
  { keepSecret, removeSecret }: Pick<Bindings, Names>,
  name: SecretName,
): Promise<() => Promise<void>> => {
  await openVault();
  const secret = secrets.find(name);
  if (secret === undefined)
    throw new ProblemError('not-found', `there is no secret ${JSON.stringify(name)} in the vault`);
  const { signal } = new AbortController();
  await removeSecret({}, { name }, signal);
  return async () => {
    if (secrets.names().includes(name))
      throw new ProblemError('undo-too-late', 'another secret has been given this name meanwhile');
    await keepSecret({}, { name, value: secret.reveal() }, signal);
  };
};

/** The account says it. */
const isShown = (): void => undefined;

const keysOf = ({ id: server, accounts }: ServerRecord): readonly AccountKey[] =>
  accounts.map((account) => ({ server, account }));
