/** Reading what the control plane says by itself, and its answers: all that a surface needs before anybody does anything. */
import { z } from 'zod';
import { Problem, ProblemError, problemError } from './problems.ts';
import { Snapshot } from './snapshot.ts';

/** The event stream: server-sent events, each a whole snapshot. */
export const EVENTS_PATH = '/api/events';

/** Anything that answers a Request: `fetch`, a scheme, a socket, or the handler itself. */
export type Answer = (request: Request) => Promise<Response>;

const Failure = z.object({ error: Problem });

/** The checked value of an answer. Rejects with a `ProblemError`: the broker's own, or `bad-answer`. */
export const readReply = async (response: Response, reply: z.ZodType): Promise<unknown> => {
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const failure = Failure.safeParse(value);
    if (failure.success) throw problemError(failure.data.error);
    throw new ProblemError('bad-answer', `Drawbridge answered with status ${response.status}`);
  }
  const parsed = reply.safeParse(value);
  if (!parsed.success)
    throw new ProblemError(
      'bad-answer',
      'Drawbridge answered in a form this version does not know',
    );
  return parsed.data;
};

/** Every snapshot from now on, the present one first. Ends when the signal aborts or the stream does. */
export async function* readSnapshots(
  answer: Answer,
  origin: string,
  signal: AbortSignal,
): AsyncGenerator<Snapshot, void, undefined> {
  const response = await answer(new Request(new URL(EVENTS_PATH, origin), { signal }));
  if (!response.ok || response.body === null) {
    await readReply(response, z.never());
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  // Not every answer minds the request's signal: this ends the wait in any case.
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const data = event
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice(6))
          .join('\n');
        if (data !== '') yield Snapshot.parse(JSON.parse(data));
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}
