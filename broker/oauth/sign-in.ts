/** One sign-in by a person, from the server's address to tokens that are kept (OAuth 2.1, RFC 8628). */
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import { type AskDeviceDeps, askDevice, assertSignsInDevices, DEVICE_GRANT } from './ask-device.ts';
import { type AuthorizeDeps, askPerson } from './authorize.ts';
import type { HolderOf } from './callback.ts';
import { listenForCallback, portIn } from './callback.ts';
import type { Discovery } from './discover.ts';
import { disownsClient, exchangeProblem } from './exchange-problem.ts';
import {
  assertSignsIn,
  findSignIn,
  resourceFor,
  type SignInTarget,
  scopesFor,
  trailOf,
} from './find-sign-in.ts';
import { type Hold, type IdentityWish, identify, type Registrations } from './identity.ts';
import { retireOutdated } from './retire.ts';
import type { SettledSignIn } from './settled.ts';
import { exchangeCode, revoke, type TokenParty, type Tokens } from './token-endpoint.ts';
import type { Trail } from './trail.ts';
import { whoAmI } from './who-am-i.ts';
import type { Whom } from './whom.ts';
import { cancelled, noIdToken } from './words.ts';

export interface SignInDeps extends AuthorizeDeps, AskDeviceDeps {
  readonly registrations: Registrations;
  readonly settled: SettledSignIn;
  readonly whom: Whom;
  /** With a code on another device, rather than in a browser that comes back here. */
  readonly onDevice: boolean;
  readonly holderOf: HolderOf;
  /** Makes the tokens durable: a browser is told that it worked only after this. */
  readonly keep: (signedIn: SignedIn) => Promise<void>;
}

export interface SignedIn extends TokenParty {
  /** What the server is shown, where that is not the access token. */
  readonly bearer?: 'id-token' | undefined;
  /** The address that the tokens are for. */
  readonly server: string;
  readonly tokens: Tokens;
  /** What was asked for, for servers that do not say what they granted. */
  readonly scopesAsked: readonly string[] | undefined;
  readonly trail?: Trail | undefined;
}

/**
 * Signs in to `target` and has the tokens kept.
 *
 * Rejects with a `ProblemError`; whatever happens, the listener is closed when it settles.
 */
export const signIn = async (target: SignInTarget, deps: SignInDeps): Promise<void> => {
  const { exceptions, service, certificateAt, patienceMs } = deps.settled;
  deps.onStep('discovering');
  const found = await findSignIn(deps.fetch, target, {
    ...{ exceptions, service, certificateAt },
    holdsClient: (issuer) => deps.registrations.find(issuer) !== undefined,
  });
  const scopes = scopesFor(found, deps.settled);
  const bearer = exceptions.has('id-token-as-bearer') ? 'id-token' : undefined;
  const keep = async (party: TokenParty, answer: Tokens): Promise<void> => {
    if (bearer !== undefined && answer.idToken === undefined) {
      // Nobody will hold these tokens: they would live on there.
      await revoke(deps.fetch, party, answer.refreshToken ?? answer.accessToken);
      throw problemError(noIdToken(party.metadata));
    }
    const tokens = await whoAmI(deps, party, answer);
    deps.onStep('saving');
    await deps.keep({
      ...party,
      ...(bearer === undefined ? {} : { bearer }),
      server: target.url.href,
      scopesAsked: scopes,
      trail: trailOf(found, deps.settled),
      // Of use only to who is shown it, and to whom other servers' tokens are got from: elsewhere it is one more secret to lose.
      tokens:
        target.isIdentityProvider || bearer !== undefined
          ? tokens
          : { ...tokens, idToken: undefined },
    });
  };
  const hold = deps.registrations.hold();
  try {
    await (deps.onDevice ? onDevice : inBrowser)(
      { ...deps, patienceMs, hold },
      found,
      scopes,
      keep,
    );
  } finally {
    await retireOutdated(deps, hold.release());
  }
};

interface WayDeps extends SignInDeps {
  readonly hold: Hold;
}

type Way = (
  deps: WayDeps,
  found: Discovery,
  scopes: readonly string[] | undefined,
  keep: (party: TokenParty, tokens: Tokens) => Promise<void>,
) => Promise<void>;

const inBrowser: Way = async (deps, found, scopes, keep) => {
  const { settled } = deps;
  assertSignsIn(found.metadata, settled.exceptions);
  const callback = await listenForCallback(portWish(deps, found), deps.holderOf);
  let outcome: 'signed-in' | 'failed' = 'failed';
  try {
    const redirectUri = settled.redirect && atPort(settled.redirect, callback.port);
    const party = await partyFor(deps, found, {
      back: { port: callback.port, redirectUri },
      scopes,
      grantTypes: [],
    });
    const asked = askPerson(deps, party, callback, {
      ...{ scopes, whom: deps.whom },
      parameters: settled.parameters,
      withoutPkce: settled.exceptions.has('pkce-off'),
    });
    const validated = await exchanged(deps, party, unlessUnanswered(deps, party, asked));
    deps.onStep('exchanging');
    const tokens = await exchanged(
      deps,
      party,
      exchangeCode(deps.fetch, party, validated, deps.clock.now()),
    );
    await keep(party, tokens);
    outcome = 'signed-in';
  } finally {
    await callback.finish(outcome);
  }
};

const onDevice: Way = async (deps, found, scopes, keep) => {
  assertSignsInDevices(found.metadata);
  const party = await partyFor(deps, found, {
    back: undefined,
    scopes,
    grantTypes: [DEVICE_GRANT],
  });
  const tokens = await exchanged(
    deps,
    party,
    unlessUnanswered(deps, party, askDevice(deps, party, scopes)),
  );
  await keep(party, tokens);
};

const partyFor = async (
  deps: WayDeps,
  found: Discovery,
  wish: IdentityWish,
): Promise<TokenParty> => {
  const { settled } = deps;
  const client = await identify(
    {
      ...deps,
      given: settled.client,
      documentUrl: settled.documentUrl,
      now: deps.clock.now(),
      onRegistering: () => deps.onStep('registering'),
    },
    found.metadata,
    wish,
  );
  // Cancelled while machines were asked: nobody has turned the client down.
  if (deps.signal.aborted) throw cancelled();
  return {
    metadata: found.metadata,
    client,
    resource: resourceFor(found, settled.exceptions),
  };
};

/** The port that an operator was told, else the one registered with, else any. */
const portWish = ({ settled, registrations }: SignInDeps, { issuer }: Discovery) => {
  const told = portIn(settled.redirect ?? '');
  if (told !== undefined) return { port: told, only: true };
  return { port: portIn(registrations.find(issuer)?.redirectUri ?? '') };
};

/** As it was told, but for the port where that was left open. */
const atPort = (redirect: string, port: number): string => {
  if (portIn(redirect) !== undefined) return redirect;
  const place = new URL(redirect);
  place.port = String(port);
  return place.href;
};

/** The person may never have come back because the service no longer knows this client: do not replay it for ever. */
const unlessUnanswered = async <T>(
  deps: SignInDeps,
  party: TokenParty,
  answer: Promise<T>,
): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProblemError && unanswered.has(error.code)) await giveUp(deps, party);
    throw error;
  }
};

/** Not a cancel: who changes their mind says nothing about the client. */
const unanswered: ReadonlySet<string> = new Set(['sign-in-timed-out', 'sign-in-refused']);

/** A client that an operator gave is none of ours to give up, and says nothing about one that we registered. */
const giveUp = async (
  { settled, registrations }: SignInDeps,
  { client }: TokenParty,
): Promise<void> => {
  if (settled.client === undefined) await registrations.forget(client);
};

const exchanged = async <T>(
  deps: SignInDeps,
  party: TokenParty,
  answer: Promise<T>,
): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    if (deps.signal.aborted) throw cancelled();
    if (disownsClient(error)) await giveUp(deps, party);
    throw exchangeProblem(error, party, { given: deps.settled.client !== undefined });
  }
};
