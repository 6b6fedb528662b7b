/** A certificate that is shown to a server, and the origins that get to see it. */

/** PEM. The same object until something of it changes. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
}

export interface ClientIdentity {
  /** It says who connects, so that nobody else is told. */
  readonly isFor: (origin: string) => boolean;
  /** Asked at each new connection. Rejects with a `ProblemError`: without it nothing is opened. */
  readonly keyPair: () => Promise<KeyPair>;
}
