/** The credentials that requests go with: of sign-ins, and those that are got without a person. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { TokenSource } from '../../shared/contract/token-sources.ts';
import { createConceal } from '../log/concealed.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { createPlatformFetch } from '../net/platform-fetch.ts';
import type { Clock } from '../ports.ts';
import { readSmallText } from '../storage/small-text.ts';
import type { TokenBook } from '../tokens/book.ts';
import { type Credentials, createCredentials } from '../tokens/credentials.ts';
import { createMinted, type MintedBook } from '../tokens/minted.ts';
import { createNamedSecrets, type NamedSecrets } from '../tokens/named-secrets.ts';
import { openSource } from '../tokens/sources/open-source.ts';
import { createResolve, type Resolve } from '../tokens/sources/references.ts';
import { createRun } from '../tokens/sources/run-program.ts';
import type { Source } from '../tokens/sources/source.ts';
import type { Foundations } from './foundations.ts';

export interface CredentialsWiring {
  readonly foundations: Foundations;
  readonly clock: Clock;
  readonly book: TokenBook;
  readonly fetchOf: (key: AccountKey) => GuardedFetch;
  /** Resolves once the vault is open, or nobody should wait for it any longer. Never rejects. */
  readonly untilLoaded: () => Promise<void>;
  readonly undo: AsyncDisposableStack;
  readonly changed: () => void;
}

export const wireCredentials = ({
  foundations: { vault, assertVaultOpen, registry, log, policy, demo },
  clock,
  book,
  fetchOf,
  untilLoaded,
  undo,
  changed,
}: CredentialsWiring): {
  readonly secrets: NamedSecrets;
  readonly minted: MintedBook;
  readonly credentials: Credentials;
  /** What a reference to a secret stands for. */
  readonly resolve: Resolve;
  /** For a server that is only being looked at. */
  readonly openSource: (source: TokenSource, fetch: GuardedFetch) => Source;
} => {
  const secrets = createNamedSecrets({ vault, assertOpen: assertVaultOpen });
  const resolve = createResolve({
    secret: async (name) => {
      await untilLoaded();
      return secrets.find(name);
    },
    conceal: log.conceal,
    env: process.env,
    readText: (file) => readSmallText(file),
  });
  const runProgram = createRun({ after: clock.after, clean: log.clean });
  const run: typeof runProgram = async (program, signal) => {
    policy.assertFeature('command-sources');
    return runProgram(program, signal);
  };
  const conceal = createConceal(log);
  const platform = createPlatformFetch(clock, policy.assertHost);
  undo.defer(platform.close);
  const open = (source: TokenSource, fetch: GuardedFetch): Source =>
    openSource(source, {
      ...{ resolve, conceal, run, fetch, now: clock.now, env: process.env },
      platform: platform.fetch,
    });
  const sourceOf = (key: AccountKey): Source => {
    policy.assertServer(registry.get(key.server));
    const { source, title } = registry.get(key.server);
    if (source === undefined)
      throw new ProblemError(
        'source-unusable',
        `nothing says how to get a credential for ${title}`,
      );
    return open(source, fetchOf(key));
  };
  const minted = createMinted({
    ...{ sourceOf, clock, log, random: Math.random, onChange: changed },
  });
  undo.defer(minted.stop);
  return {
    ...{ secrets, minted, resolve },
    openSource: open,
    credentials: createCredentials({
      ...{ book, minted },
      assertAllowed: ({ server }) => {
        const record = registry.get(server);
        policy.assertServer(record);
        // Said here, where it is for the AI client: a renewal that fails only says that nobody answers.
        demo.assertOurs(new URL(record.url));
      },
      isMinted: ({ server }) => registry.find(server)?.tokenSource === 'minted',
    }),
  };
};
