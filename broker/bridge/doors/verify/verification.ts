/** Which token, shown by whom, opens the HTTP door of a shared host, and how are all others told that theirs does not? */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DoorSettings, DoorVerifier, DoorView } from '../../../../shared/contract/door.ts';
import { ProblemError, toProblem } from '../../../../shared/contract/problems.ts';
import type { Snapshot } from '../../../../shared/contract/snapshot.ts';
import { createConceal } from '../../../log/concealed.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Clock } from '../../../ports.ts';
import { Secret } from '../../../vault/secret.ts';
import type { Beyond } from '../guard.ts';
import { answerJson, refuse } from '../http-reply.ts';
import type { KeyHolder } from '../keys.ts';
import { beyondOf, metadataAt, originOf, resourcesAt } from './addresses.ts';
import { holderFor } from './callers.ts';
import { challenge, metadataOf, shownIn } from './challenge.ts';
import { type Caller, SKEW_S, type Verify } from './verify.ts';

export interface Verification {
  /** Whether the door wants tokens: keys do not open it then, and it has no pages of its own. */
  readonly isOn: () => boolean;
  readonly beyond: () => Beyond;
  /** Where it listened from the start on, besides loopback. */
  readonly listen: DoorSettings['listen'];
  /** Answers where the metadata of what is at `path` is asked for, whether there is anything or not. */
  readonly serveMetadata: (
    request: IncomingMessage,
    path: string,
    response: ServerResponse,
  ) => void;
  /** Whose token came to `path`. Undefined once the answer says why it opens nothing. Never rejects. */
  readonly admit: (
    request: IncomingMessage,
    path: string,
    response: ServerResponse,
  ) => Promise<KeyHolder | undefined>;
  /** Calls back when what is open to whom may be another; returns a function that stops it. */
  readonly onChange: (listener: () => void) => () => void;
  readonly view: () => DoorView;
  /** The part for everybody who looks. */
  readonly shown: () => Pick<Snapshot['doors'], 'verified'>;
  /** Tries it first. Rejects with the problem of a verifier that does not work, and like the settings. */
  readonly change: (settings: DoorSettings) => Promise<void>;
}

export interface VerificationDeps {
  readonly store: {
    readonly read: () => DoorSettings;
    readonly write: (settings: DoorSettings) => void;
  };
  /** Throws `bad-request` for settings that cannot work here. */
  readonly open: (verifier: DoorVerifier) => Verify;
  /** Where the door is on this machine, once it is open. */
  readonly base: () => string | undefined;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Logger;
}

/** A stream ends with the token that it was opened with, and after this at the latest, ms. */
const STREAM_MS = 60 * 60_000;

interface State {
  readonly settings: DoorSettings;
  readonly beyond: Beyond;
  readonly verifier: DoorVerifier | undefined;
  readonly verify: Verify;
}

export const createVerification = (deps: VerificationDeps): Verification => {
  const { store, open, base, clock, log } = deps;
  const conceal = createConceal(log);
  const listeners = new Set<() => void>();

  const stateOf = (settings: DoorSettings, verify: Verify): State => ({
    ...{ settings, verify, verifier: settings.verify },
    beyond: settings.verify === undefined ? nobody : beyondOf(settings),
  });
  let state = stateOf(store.read(), openOrRefuse(store.read().verify, open));
  const { listen } = state.settings;

  /** What is asked at `path`, looked at once and for all: the settings may be others a moment later. */
  const admit = async (
    request: IncomingMessage,
    path: string,
    response: ServerResponse,
  ): Promise<KeyHolder | undefined> => {
    const { settings, verifier, verify } = state;
    if (verifier === undefined) return leave(refuse(response, 503, 'the door is being changed'));
    const { scopes = [], audiences, issuer = 'kubernetes' } = verifier;
    const origin = originOf(settings, request);
    const told = { metadata: metadataAt(origin, path), scopes };
    const token = shownIn(request);
    if (token === 'nothing') {
      const reason = 'a token is needed';
      return leave(challenge(response, { status: 401, reason, ...told }));
    }
    const invalid = (reason: string): undefined => {
      log.info('caller-refused', { reason });
      return leave(challenge(response, { status: 401, error: 'invalid_token', reason, ...told }));
    };
    if (token === 'unclear') return invalid('that is not one bearer token');
    conceal(token);
    const verdict = await verify(token, audiences ?? resourcesAt(origin, path)).catch(
      (error: unknown) => {
        log.warn('caller-not-verified', { error });
        return { problem: toProblem(error) };
      },
    );
    if ('problem' in verdict)
      return leave(refuse(response, 503, 'nobody can say whether the token is good', again));
    if (state.settings !== settings)
      return leave(refuse(response, 503, 'the door is being changed', again));
    if ('refused' in verdict) return invalid(verdict.refused);
    const { caller } = verdict;
    if (!scopes.every((scope) => caller.scopes.includes(scope))) {
      const [error, reason] = ['insufficient_scope', 'the token allows less'] as const;
      return leave(challenge(response, { status: 403, error, reason, ...told }));
    }
    const holder = holderFor(caller, settings.callers, issuer);
    if (holder === undefined) {
      log.info('caller-refused', { reason: 'no row fits', subject: caller.subject });
      return leave(refuse(response, 403, 'nothing is open to this caller'));
    }
    if (isStream(request)) endWith(caller, response);
    return holder;
  };

  /** What is read for days would outlive its token, and a caller who lost it. */
  const endWith = ({ expiresAt }: Caller, response: ServerResponse): void => {
    const now = clock.now();
    const own = (expiresAt ?? Number.POSITIVE_INFINITY) + SKEW_S * 1000;
    const end = Math.min(own, now + STREAM_MS);
    response.once(
      'close',
      clock.after(Math.max(0, end - now), () => response.destroy()),
    );
  };

  /** Where AI clients reach it. */
  const reachedAt = (): string | undefined => {
    const { verify, publicAddress } = state.settings;
    const isOutside = verify !== undefined && publicAddress !== undefined;
    return isOutside ? new URL(publicAddress).origin : base();
  };

  return {
    isOn: () => state.verifier !== undefined,
    beyond: () => state.beyond,
    listen,
    serveMetadata: (request, path, response) => {
      const { verifier, settings } = state;
      if (verifier === undefined) return refuse(response, 404, 'nothing here');
      if (request.method !== 'GET')
        return refuse(response, 405, 'it can only be read', { allow: 'GET' });
      answerJson(response, 200, metadataOf(originOf(settings, request) + path, verifier));
    },
    admit,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    shown: () => {
      const address = reachedAt();
      return state.verifier === undefined || address === undefined
        ? {}
        : { verified: { base: address } };
    },
    view: () => {
      const { settings } = state;
      const address = reachedAt();
      return {
        settings,
        ...(address === undefined ? {} : { base: address }),
        restart: JSON.stringify(settings.listen) !== JSON.stringify(listen),
      };
    },
    change: async (settings) => {
      const isNew = JSON.stringify(settings.verify) !== JSON.stringify(state.settings.verify);
      const verify = isNew ? await tried(settings.verify, open) : state.verify;
      store.write(settings);
      state = stateOf(settings, verify);
      for (const listener of listeners) listener();
    },
  };
};

const again = { 'retry-after': '5' };

const nobody: Beyond = { hosts: [], mayCome: () => false };

const leave = (_answered: void): undefined => undefined;

const isStream = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' || headers['mcp-method'] === 'subscriptions/listen';

const refuseAll: Verify = async () => ({ refused: 'the door takes no tokens' });

/** At the start nobody is there to be told: the door stays shut, and says so in the log with each request. */
const openOrRefuse = (
  settings: DoorVerifier | undefined,
  open: VerificationDeps['open'],
): Verify => {
  try {
    return settings === undefined ? refuseAll : open(settings);
  } catch (error) {
    return () => Promise.reject(error instanceof Error ? error : new Error('cannot be opened'));
  }
};

/** In the form of a JWT, signed by nobody, with a key that nobody has. */
const probe = new Secret(
  [{ alg: 'RS256', typ: 'at+jwt', kid: 'no-such-key' }, { sub: 'nobody' }, 'no signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.'),
);

/** A verifier that works says no to what is no token. */
const tried = async (
  settings: DoorVerifier | undefined,
  open: VerificationDeps['open'],
): Promise<Verify> => {
  if (settings === undefined) return refuseAll;
  const verify = open(settings);
  const verdict = await verify(probe, ['https://drawbridge.invalid/mcp']);
  if ('refused' in verdict) return verify;
  throw new ProblemError('bad-answer', 'who was asked says yes to a token that is none', {
    hint: 'nothing was changed: this would let everybody in',
  });
};
