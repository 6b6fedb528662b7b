/** What the routes of token sources and of named secrets do. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { NamedSecrets } from '../tokens/named-secrets.ts';
import { Secret } from '../vault/secret.ts';
import type { Bindings } from './handler.ts';

export interface SourceBindingDeps {
  readonly registry: Pick<Registry, 'all' | 'get' | 'changeSource'>;
  readonly servers: Pick<AddServerFlow, 'lookAgain'>;
  readonly secrets: NamedSecrets;
  readonly minted: Pick<MintedBook, 'forget' | 'again'>;
  /** A program that did not run for want of a secret may be tried again. */
  readonly forgive: (server: ServerId) => void;
  readonly openVault: () => Promise<void>;
  /** What changes a server happens one after the other. */
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly endAccount: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  readonly view: (server: string) => ServerView;
}

type Names = 'configureSource' | 'secrets' | 'keepSecret' | 'removeSecret';

export const createSourceBindings = (deps: SourceBindingDeps): Pick<Bindings, Names> => {
  const { registry, servers, secrets, minted } = deps;

  /** What was got with the secret as it was is used no more. */
  const forgetNaming = (name: string): void => {
    for (const { id: server, accounts, source, command } of registry.all()) {
      const names = (settled: unknown): boolean =>
        JSON.stringify(settled ?? {}).includes(`\${vault:${name}}`);
      if (names(source)) for (const account of accounts) minted.forget({ server, account });
      if (names(command?.env)) deps.forgive(server);
    }
  };

  return {
    configureSource: ({ server }, { source }) =>
      deps.inTurn(server, async () => {
        const record = registry.get(server);
        if (record.kind !== 'mcp') throw noSource(record.title);
        // Looked at first: what does not work must not take the place of what does.
        const tokenSource = await servers.lookAgain(record, source);
        if (record.tokenSource === 'oauth' && tokenSource !== 'oauth')
          for (const account of record.accounts) await deps.endAccount({ server, account });
        registry.changeSource(server, { source, tokenSource });
        for (const account of record.accounts) minted.forget({ server, account });
        return { server: deps.view(server) };
      }),
    secrets: () => ({ names: [...secrets.names()] }),
    keepSecret: async (_params, { name, value }) => {
      await deps.openVault();
      await secrets.keep(name, new Secret(value));
      forgetNaming(name);
      minted.again();
      return {};
    },
    removeSecret: async (_params, { name }) => {
      await deps.openVault();
      await secrets.remove(name);
      forgetNaming(name);
      return {};
    },
  };
};

const noSource = (title: string): ProblemError =>
  new ProblemError('source-unusable', `${title} is no server that a credential could be sent to`, {
    hint: 'a local server gets its secrets as variables: drawbridge set-secret',
  });
