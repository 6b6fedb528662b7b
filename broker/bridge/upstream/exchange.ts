/** One HTTP exchange with a server, with the credential there is for it and one second try when that is refused. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import { type AccountKey, keyText, type ServerId } from '../../../shared/contract/ids.ts';
import { ProblemError, problemError } from '../../../shared/contract/problems.ts';
import { diagnose, type NetTrouble } from '../../net/diagnose.ts';
import type { Clock } from '../../ports.ts';
import type { Credential, Credentials } from '../../tokens/credentials.ts';
import type { StepUps } from '../../tokens/step-ups.ts';
import { lookingInside } from './expired-inside.ts';

/** A server as the bridge needs to know it. */
export interface Upstream {
  readonly key: AccountKey;
  readonly url: URL;
  /** The server's own address, where `url` is another one of its. */
  readonly home?: URL;
  /** Whether it wants to see a credential: of a sign-in, or one that is got without a person. */
  readonly credential: 'none' | 'sign-in' | 'minted';
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Never an authorization of anybody else's (A3): the exchange adds its own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole, so that it can be sent twice. */
  readonly body?: Buffer;
}

/** Holding the answer back, letting it go on, and ending it early. */
export interface Flow {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly abort: () => void;
}

/** Where the answer goes. `start`, then any number of `data`, then `end` or `fail`; or `fail` alone. */
export interface Sink {
  readonly start: (status: number, headers: IncomingHttpHeaders, flow: Flow) => void;
  readonly data: (chunk: Buffer) => void;
  readonly end: () => void;
  /** A `ProblemError`: no token to be had, or no connection. */
  readonly fail: (error: ProblemError) => void;
}

/** Sends a request; the function returned gives it up, which reaches the server as a closed connection (T11). */
export type Exchange = (upstream: Upstream, request: UpstreamRequest, sink: Sink) => () => void;

export interface ExchangeDeps {
  readonly credentials: Credentials;
  readonly stepUps: Pick<StepUps, 'refused'>;
  /** What the server wants to see by now; undefined once it is gone, though another one may have its id. */
  readonly wants: (upstream: Upstream) => Upstream['credential'] | undefined;
  readonly poolTo: (origin: string, server: ServerId) => Pool;
  readonly after: Clock['after'];
}

/**
 * Exchanges over pooled connections.
 *
 * A 401 is never passed on: it is told which credential was refused, and the request goes out once more with the
 * one there is instead. When that is refused too, the sink fails with `token-refused`. The same once for a request whose
 * answer says inside that the token has expired; what comes of that is passed on, whatever it says.
 */
export const createExchange = (deps: ExchangeDeps): Exchange => {
  const { credentials, stepUps, wants, poolTo, after } = deps;
  /** Generations that came of such a word: if they hear it too, a new token is not what is missing. */
  const unhelped = new Map<string, number>();
  return (upstream, request, sink) => {
    const { key } = upstream;
    let givenUp = false;
    let present: Flow | undefined;

    const fail = (error: unknown): void => {
      if (!givenUp)
        sink.fail(
          error instanceof ProblemError ? error : diagnose(error as NetTrouble, upstream.url.host),
        );
    };

    /** A session outlives its server: what is shown to the next one of its id is nothing for the address of this one (A3). */
    const wanted = (): Upstream['credential'] => {
      const now = wants(upstream);
      if (now !== undefined) return now;
      throw wasRemoved(upstream);
    };

    const send = async (access: Credential | undefined, again: boolean): Promise<void> => {
      const { url } = upstream;
      const { method, headers, body } = request;
      const shown = await access?.headersFor({ method, url, headers, body });
      if (givenUp) return;
      wanted();
      poolTo(url.origin, key.server).dispatch(
        {
          path: url.pathname + url.search,
          method,
          headers: { ...headers, ...shown, ...cookies(headers, shown) },
          ...(body === undefined ? {} : { body }),
        },
        answerHandler(url, again || access === undefined ? sink : looking(access), {
          onRefused: (status, challenge) => {
            if (status === 403 && (again || !access?.isSigned)) return forbidden(challenge);
            if (access === undefined) return fail(wantsSignIn(upstream));
            if (again) return fail(refusedTwice(upstream));
            credentials
              .afterRefusal(key, access.generation)
              .then((second) => send(second, true))
              .catch(fail);
          },
          onTaken: () => {
            if (access !== undefined) credentials.accepted(key, access.generation);
          },
          onFlow: (flow) => {
            present = flow;
            if (givenUp) flow.abort();
          },
        }),
      );
    };

    /** The request was not carried out, so it may be said again; without a newer token the answer is as it is. */
    const looking = (access: Credential): Sink =>
      request.method === 'POST' && unhelped.get(keyText(key)) !== access.generation
        ? lookingInside(sink, after, (asItWas) => {
            credentials.afterRefusal(key, access.generation).then(
              (second) => {
                unhelped.set(keyText(key), second.generation);
                send(second, true).catch(fail);
              },
              () => {
                unhelped.set(keyText(key), access.generation);
                if (!givenUp) asItWas();
              },
            );
          })
        : sink;

    const forbidden = (challenge: string | undefined): void => {
      // Nobody can be asked for more access where nobody signs in.
      const problem = wants(upstream) === 'sign-in' ? stepUps.refused(key, challenge) : undefined;
      fail(problem === undefined ? refusedByServer(upstream) : problemError(problem));
    };

    const start = async (): Promise<void> =>
      send(wanted() === 'none' ? undefined : await credentials.access(key), false);
    start().catch(fail);

    return () => {
      givenUp = true;
      present?.abort();
    };
  };
};

interface AnswerHooks {
  /** 401 or 403, which no AI client may see, with its `WWW-Authenticate`. */
  readonly onRefused: (status: number, challenge: string | undefined) => void;
  /** The server has begun to answer, and has not refused. */
  readonly onTaken: () => void;
  readonly onFlow: (flow: Flow) => void;
}

const answerHandler = (url: URL, sink: Sink, hooks: AnswerHooks): Dispatcher.DispatchHandler => {
  let refusal: { readonly status: number; readonly challenge: string | undefined } | undefined;
  let refusalBytes = 0;
  let ended = false;
  let aborted = false;
  const flowOf = (controller: Dispatcher.DispatchController): Flow => ({
    pause: () => controller.pause(),
    resume: () => controller.resume(),
    abort: () => {
      aborted = true;
      if (!ended) controller.abort(new Error('given up'));
    },
  });
  return {
    onRequestStart: (controller) => hooks.onFlow(flowOf(controller)),
    onResponseStart: (controller, status, headers) => {
      // 103 Early Hints and their like come before the answer and are not it.
      if (status < 200) return;
      if (status === 401 || status === 403) {
        refusal = { status, challenge: headers['www-authenticate']?.toString() };
      } else {
        hooks.onTaken();
        sink.start(status, headers, flowOf(controller));
      }
    },
    onResponseData: (controller, chunk) => {
      if (refusal === undefined) return sink.data(chunk);
      refusalBytes += chunk.length;
      if (refusalBytes > MOST_REFUSAL_BYTES) controller.abort(new Error('an endless refusal'));
    },
    onResponseEnd: () => {
      ended = true;
      if (refusal === undefined) sink.end();
      else hooks.onRefused(refusal.status, refusal.challenge);
    },
    onResponseError: (_controller, error) => {
      ended = true;
      if (aborted) return;
      if (refusal === undefined) sink.fail(diagnose(error, url.host));
      else hooks.onRefused(refusal.status, refusal.challenge);
    },
  };
};

/** A credential in a cookie stands beside those that the server has set: the one of its balancer, say. */
const cookies = (
  { cookie: set }: UpstreamRequest['headers'],
  { cookie: shown }: UpstreamRequest['headers'] = {},
): Readonly<Record<string, string>> =>
  set === undefined || shown === undefined ? {} : { cookie: `${set}; ${shown}` };

/** A refusal is read to its end so that its connection can be used again, but not for ever. */
const MOST_REFUSAL_BYTES = 64 * 1024;

const wantsSignIn = ({ url }: Upstream): ProblemError =>
  new ProblemError('needs-sign-in', `${url.host} wants a sign-in by now`, {
    hint: 'remove the server from Drawbridge and add it again',
  });

const wasRemoved = ({ url }: Upstream): ProblemError =>
  new ProblemError('not-found', `${url.host} was removed from Drawbridge`, {
    hint: 'connect the AI client to another server, or add this one again and restart it',
  });

const refusedByServer = ({ url }: Upstream): ProblemError =>
  new ProblemError('server-trouble', `${url.host} refused this request`, {
    hint: 'the account may lack a permission for it',
  });

const refusedTwice = ({ url, credential }: Upstream): ProblemError =>
  new ProblemError('token-refused', `${url.host} refuses the token that was renewed for it`, {
    hint:
      credential === 'minted'
        ? 'it may be for another server: look at where it comes from'
        : 'sign out and in again',
  });
