/** Everything around one sign-in: a person with a browser, and a memory for registrations. */
import { connect } from 'node:net';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { DeviceCode } from '../../../broker/oauth/ask-device.ts';
import type { Offer } from '../../../broker/oauth/authorize.ts';
import type { ClientRegistration } from '../../../broker/oauth/client-registration.ts';
import type { Registrations } from '../../../broker/oauth/identity.ts';
import type { SettledSignIn } from '../../../broker/oauth/settled.ts';
import { type SignedIn, signIn } from '../../../broker/oauth/sign-in.ts';
import { anybody, type Whom } from '../../../broker/oauth/whom.ts';
import { createRegistrations } from '../../../broker/tokens/registrations.ts';
import type { SignInStep } from '../../../shared/contract/snapshot.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

export interface SigningInOptions {
  /** What the person's browser does with the page; the default is a person who looks away. */
  readonly browser?: (address: URL) => Promise<unknown>;
  readonly registrations?: MemoryRegistrations;
  readonly settled?: Partial<SettledSignIn>;
  readonly whom?: Whom;
  readonly onDevice?: boolean;
  readonly isIdentityProvider?: boolean;
  /** What making the tokens durable comes to; the default is that it works. */
  readonly keep?: (signedIn: SignedIn) => Promise<void>;
}

export const nothingSettled: SettledSignIn = {
  client: undefined,
  documentUrl: undefined,
  redirect: undefined,
  scopes: undefined,
  moreScopes: [],
  parameters: {},
  exceptions: new Set(),
};

export interface MemoryRegistrations extends Registrations {
  /** What is kept, by issuer. */
  readonly all: ReadonlyMap<string, unknown>;
}

/** The real ones, in a vault that is a map. `grants` are those of other accounts. */
export const createMemoryRegistrations = (
  grants: readonly Pick<ClientRegistration, 'issuer' | 'clientId'>[] = [],
): MemoryRegistrations => {
  const all = new Map<string, unknown>();
  const issuerOf = (record: string): string => record.slice('client:'.length);
  const registrations = createRegistrations({
    vault: {
      names: () => [],
      read: (record) => all.get(issuerOf(record)),
      write: async (record, value) => {
        if (value === undefined) all.delete(issuerOf(record));
        else all.set(issuerOf(record), value);
      },
    },
    book: {
      keys: () => grants.map((_grant, at) => ({ server: `granted-${at}`, account: 'default' })),
      facts: ({ server }) => grants[Number(server.slice('granted-'.length))],
    },
  });
  return { ...registrations, all };
};

/** Starts a sign-in and tells, besides its outcome, what a person saw of it. */
export const startSigningIn = (
  server: string,
  {
    browser,
    registrations = createMemoryRegistrations(),
    settled = {},
    whom = anybody,
    onDevice = false,
    isIdentityProvider = false,
    keep = async () => undefined,
  }: SigningInOptions = {},
) => {
  const clock = createVirtualClock();
  const net = createNet(clock);
  const cancelled = new AbortController();
  const steps: SignInStep[] = [];
  const links: string[] = [];
  const opened: URL[] = [];
  const fetch = net.fetchFor('loopback');
  const deviceCodes: DeviceCode[] = [];
  const offers: Offer[] = [];
  const kept: SignedIn[] = [];

  const flow = signIn(
    { url: new URL(server), isIdentityProvider },
    {
      // As the composition root does it: cancelling ends what is asked of machines, too.
      fetch: (address, request) => fetch(address, { signal: cancelled.signal, ...request }),
      clock,
      whom,
      registrations,
      settled: { ...nothingSettled, ...settled },
      openBrowser: async (address) => {
        opened.push(address);
        await browser?.(address);
      },
      onStep: (step) => steps.push(step),
      onLink: (link) => links.push(link),
      signal: cancelled.signal,
      assertVisitable: net.visitsFor('loopback'),
      onDevice,
      onDeviceCode: (code) => deviceCodes.push(code),
      onOffer: (offer) => offers.push(offer),
      holderOf: async () => undefined,
      keep: async (signedIn) => {
        await keep(signedIn);
        kept.push(signedIn);
      },
    },
  );
  const done = flow.then((): SignedIn => {
    const [signedIn] = kept;
    if (signedIn === undefined) throw new Error('nothing was kept');
    return signedIn;
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
    deviceCodes,
    offers,
    kept,
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
