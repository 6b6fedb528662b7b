/** What is noted of a request that the HTTP door passes on: its answer goes by in pieces, which are looked at and not held up. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import { type Id, modernVersion, readEnvelope } from '../json-rpc.ts';
import { peek } from '../peek.ts';
import { type Began, type Ended, nameIn, type Outcome, outcomeIn } from '../seen.ts';

export interface NotedForward {
  readonly start: (status: number) => void;
  readonly data: (chunk: Buffer) => void;
  /** The answer is complete. */
  readonly end: () => void;
  readonly failed: (problem: Problem) => void;
  /** The AI client has hung up before that. */
  readonly left: () => void;
}

/** The first of the ends that is told counts. What is no request is not noted. */
export const noteForward = (
  began: Began,
  { key, aiClient }: { readonly key: AccountKey; readonly aiClient: string },
  body: Buffer | undefined,
): NotedForward => {
  const envelope = body && readEnvelope(body.toString('utf8'));
  if (body === undefined || envelope?.id === undefined || envelope.method === undefined)
    return unnoted;
  const { id, method } = envelope;
  const note = began(
    {
      ...{ key, aiClient, door: 'http', method },
      name: nameIn(envelope),
      bytes: body.length,
    },
    body,
  );
  const look = createLook(id, note.keeps === true);
  let over = false;
  let status = 0;
  const end = (outcome: Outcome): void => {
    if (over) return;
    over = true;
    note({ ...outcome, bytes: look.bytes(), ...look.answer() } satisfies Ended);
  };
  return {
    start: (answered) => (status = answered),
    data: look.push,
    end: () => end(look.outcome(status)),
    failed: ({ code }) => end({ outcome: 'error', code }),
    // In the modern era, hanging up is how an AI client cancels (T11).
    left: () => end({ outcome: modernVersion(envelope) === undefined ? 'gone' : 'cancelled' }),
  };
};

const nothing = (): void => undefined;
const unnoted: NotedForward = {
  start: nothing,
  data: nothing,
  end: nothing,
  failed: nothing,
  left: nothing,
};

/** The end of an answer that is kept to be looked at, bytes. */
const KEPT = 64 * 1024;
const SAYS_IS_ERROR = /"isError"\s*:\s*true/;

/**
 * Looks at what goes by, as one JSON text or as events.
 *
 * Exact for answers up to 64 KB, which is all errors but odd ones: the message is read as at the other door. Of a larger
 * one only its last 64 KB are searched for the words of a tool that failed; so a failure is missed that says so earlier,
 * and a result is taken for one that has those very words inside.
 */
const createLook = (id: Id, keeps: boolean) => {
  /** Of a long answer that somebody wants kept, also the beginning. */
  const head: Buffer[] = [];
  let answer: string | undefined;
  let chunks: Buffer[] = [];
  let kept = 0;
  let bytes = 0;
  return {
    bytes: () => bytes,
    push: (chunk: Buffer): void => {
      if (keeps && bytes < KEPT) head.push(chunk);
      bytes += chunk.length;
      chunks.push(chunk);
      kept += chunk.length;
      // Whole pieces: copying each of them would cost more than it saves.
      while (kept - (chunks[0]?.length ?? 0) >= KEPT) kept -= chunks.shift()?.length ?? 0;
    },
    /** Where it is wanted: the message, or how a long answer begins. */
    answer: (): Pick<Ended, 'answer'> => {
      if (!keeps) return {};
      const said = answer ?? Buffer.concat(head).toString('utf8');
      return said === '' ? {} : { answer: said };
    },
    outcome: (status: number): Outcome => {
      const tail = Buffer.concat(chunks).subarray(-KEPT).toString('utf8');
      chunks = [];
      answer = messagesIn(tail).find((json) => {
        const peeked = peek(json);
        // Errors that a server could not ascribe to a request have no id.
        return peeked?.method === undefined && (peeked?.id === id || isComplaint(json));
      });
      if (answer !== undefined) return outcomeIn(answer);
      if (status >= 400) return { outcome: 'error', code: `http-${status}` };
      // A stream that the AI client takes up again later is not followed.
      if (bytes <= KEPT) return { outcome: 'gone' };
      return { outcome: SAYS_IS_ERROR.test(tail) ? 'tool-error' : 'answered' };
    },
  };
};

/** The text itself, or the data of each event in it. The first may have lost its beginning, and is then no message. */
const messagesIn = (text: string): string[] =>
  /^\s*\{/.test(text)
    ? [text]
    : text.split(/\r\n\r\n|\n\n|\r\r/).map((event) =>
        event
          .split(/\r\n|\n|\r/)
          .flatMap((line) => /^data: ?(.*)$/s.exec(line)?.[1] ?? [])
          .join('\n'),
      );

const isComplaint = (json: string): boolean =>
  json.length <= KEPT && peek(json)?.id === undefined && outcomeIn(json).outcome === 'error';
