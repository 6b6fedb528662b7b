/** Everything around one sign-in: a person with a browser, and a memory for registrations. */
import { connect } from 'node:net';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { Registrations } from '../../../broker/oauth/identity.ts';
import type { ClientRegistration } from '../../../broker/oauth/messages.ts';
import { type SettledSignIn, signIn } from '../../../broker/oauth/sign-in.ts';
import type { SignInStep } from '../../../shared/contract/snapshot.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

export interface SigningInOptions {
  /** What the person's browser does with the page; the default is a person who looks away. */
  readonly browser?: (address: URL) => Promise<unknown>;
  readonly registrations?: MemoryRegistrations;
  readonly settled?: Partial<SettledSignIn>;
}

const nothingSettled: SettledSignIn = {
  client: undefined,
  documentUrl: undefined,
  callbackPort: undefined,
  scopes: undefined,
  moreScopes: [],
};

export interface MemoryRegistrations extends Registrations {
  readonly all: Map<string, ClientRegistration>;
}

export const createMemoryRegistrations = (): MemoryRegistrations => {
  const all = new Map<string, ClientRegistration>();
  const doubted = new Set<string>();
  return {
    all,
    find: (issuer) => all.get(issuer),
    keep: async (registration) => void all.set(registration.issuer, registration),
    forget: async (issuer) => {
      doubted.add(issuer);
      all.delete(issuer);
    },
    doubtsDocument: (issuer) => doubted.has(issuer),
  };
};

/** Starts a sign-in and tells, besides its outcome, what a person saw of it. */
export const startSigningIn = (
  server: string,
  { browser, registrations = createMemoryRegistrations(), settled = {} }: SigningInOptions = {},
) => {
  const clock = createVirtualClock();
  const net = createNet(clock);
  const cancelled = new AbortController();
  const steps: SignInStep[] = [];
  const links: string[] = [];
  const opened: URL[] = [];
  const fetch = net.fetchFor('loopback');

  const done = signIn(new URL(server), {
    // As the composition root does it: cancelling ends what is asked of machines, too.
    fetch: (address, request) => fetch(address, { signal: cancelled.signal, ...request }),
    clock,
    registrations,
    settled: { ...nothingSettled, ...settled },
    openBrowser: async (address) => {
      opened.push(address);
      await browser?.(address);
    },
    onStep: (step) => steps.push(step),
    onLink: (link) => links.push(link),
    signal: cancelled.signal,
  });
  // Looked at in its own time.
  done.catch(() => undefined);
  return {
    done,
    clock,
    steps,
    links,
    opened,
    registrations,
    cancel: () => cancelled.abort(),
    [Symbol.asyncDispose]: async () => {
      cancelled.abort();
      await done.catch(() => undefined);
      await net.close();
    },
  };
};

/** The address a browser would come back to. */
export const callbackOf = (link: string | URL): URL =>
  new URL(new URL(link).searchParams.get('redirect_uri') ?? '');

/** How a sign-in ended that should not have succeeded. */
export const failureOf = (done: Promise<unknown>): Promise<unknown> =>
  done.then(
    () => {
      throw new Error('the sign-in succeeded');
    },
    (error: unknown) => error,
  );

/** Whether a connection to it is refused. */
export const isClosed = (address: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(address.port), address.hostname);
    socket.once('connect', () => resolve(false));
    socket.once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
