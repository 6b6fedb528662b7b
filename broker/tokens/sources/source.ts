/** A credential that needs no person: what a token source mints, and how it is shown to a server. */
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Resolve } from './references.ts';
import type { Run } from './run-program.ts';

/** A request that is about to go out, for those who sign it. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export type Minted = {
  /** When it runs out, Unix ms; absent when it does not say. */
  readonly expiresAt?: number | undefined;
} & (
  | { readonly token: Secret; readonly headers?: Readonly<Record<string, Secret>> }
  | { readonly headers: Readonly<Record<string, Secret>> }
  | {
      /** Gives the headers that go with one request. Rejects with a `ProblemError`. */
      readonly sign: (request: Outgoing) => Promise<Readonly<Record<string, string>>>;
      /** What it signs with. */
      readonly secrets: readonly Secret[];
    }
);

export interface Source {
  /**
   * What it costs little to look up is looked up for every request, so that a file or a variable that has changed counts at
   * once. Anything else is kept while it lives.
   */
  readonly isCheap: boolean;
  /** Rejects with a `ProblemError`, or with a `TokenFailure` when an authorization server refused. */
  readonly mint: (signal: AbortSignal) => Promise<Minted>;
}

/** What sources get their credentials with. */
export interface SourceDeps {
  readonly resolve: Resolve;
  /** Gets every secret that is found or made on the way to the credential, before it is used. */
  readonly conceal: (secret: Secret) => void;
  readonly run: Run;
  /** In the part of the network that the server is in. */
  readonly fetch: GuardedFetch;
  /** To the metadata service of the cloud that this machine is in. */
  readonly platform: GuardedFetch;
  /** What programs and references find variables in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix ms. */
  readonly now: () => number;
}
