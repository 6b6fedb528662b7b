/** What the route of token sources does. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { Bindings } from './handler.ts';

export interface SourceBindingDeps {
  readonly registry: Pick<Registry, 'get' | 'changeSource'>;
  readonly servers: Pick<AddServerFlow, 'lookAgain'>;
  readonly minted: Pick<MintedBook, 'forget'>;
  /** What changes a server happens one after the other. */
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly endAccount: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  readonly view: (server: string) => ServerView;
}

export const createSourceBindings = (
  deps: SourceBindingDeps,
): Pick<Bindings, 'configureSource'> => {
  const { registry, servers, minted } = deps;

  return {
    configureSource: ({ server }, { source }) =>
      deps.inTurn(server, async () => {
        const record = registry.get(server);
        if (record.kind !== 'mcp') throw noSource(record.title);
        // Looked at first: what does not work must not take the place of what does.
        const tokenSource = await servers.lookAgain(record, source);
        // Nobody is signed out before it is sure that one of them is enough.
        if (tokenSource === 'minted' && record.accounts.length > 1)
          throw severalPeople(record.title);
        if (record.tokenSource === 'oauth' && tokenSource !== 'oauth')
          for (const account of record.accounts) await deps.endAccount({ server, account });
        registry.changeSource(server, { source, tokenSource });
        for (const account of record.accounts) minted.forget({ server, account });
        return { server: deps.view(server) };
      }),
  };
};

const noSource = (title: string): ProblemError =>
  new ProblemError('source-unusable', `${title} is no server that a credential could be sent to`, {
    hint: 'a local server gets its secrets as variables: drawbridge set-secret',
  });

const severalPeople = (title: string): ProblemError =>
  new ProblemError('one-account-only', `a credential makes one account of ${title}`, {
    hint: 'remove the other accounts first',
  });
