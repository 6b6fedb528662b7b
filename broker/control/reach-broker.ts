/** The other end of the terminal socket: what a process beside the broker's reaches it by. */
import { Agent, fetch as undiciFetch } from 'undici';
import type { Answer } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { CALLER_HEADER, type Caller } from '../../shared/contract/routes.ts';
import { findInstance } from '../storage/instance-record.ts';

/**
 * The control plane of the broker that holds `folder`, with the rights of `caller`.
 *
 * Rejects with `not-running` when none answers.
 */
export const reachBroker = async (folder: string, caller: Caller): Promise<Answer> => {
  const instance = await findInstance(folder);
  if (instance === undefined) throw notRunning();
  const { socket, key } = instance.control;
  const agent = new Agent({ connect: { socketPath: socket }, headersTimeout: 0, bodyTimeout: 0 });
  const answer: Answer = async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    try {
      const response = await undiciFetch(`http://drawbridge${pathname}${search}`, {
        method: request.method,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${key}`,
          [CALLER_HEADER]: caller,
        },
        dispatcher: agent,
        signal: request.signal,
        ...(body === '' ? {} : { body }),
      });
      return new Response(response.body as ReadableStream<Uint8Array> | null, {
        status: response.status,
        headers: [...response.headers],
      });
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw notRunning(cause);
    }
  };
  // A record outlives a broker that crashed: only an answer tells that it lives.
  const alive = await answer(new Request('http://drawbridge/api/snapshot'));
  // An answer left unread would hold its connection, and with it the command, open.
  await alive.text();
  return answer;
};

const notRunning = (cause?: unknown): ProblemError =>
  new ProblemError('not-running', 'Drawbridge is not running', {
    hint: 'start it with npm start in its clone, with drawbridge serve, or open the app',
    cause,
  });
