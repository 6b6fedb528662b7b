/** Batches, which one version of MCP has (T20): their messages are said one by one, and the answers come back in one array. */
import {
  errorResponse,
  modernVersion,
  notAMessage,
  problemResponse,
  readEnvelope,
} from './json-rpc.ts';
import { INVALID_REQUEST } from './json-rpc-codes.ts';
import { itemsIn } from './json-text.ts';
import type { Hearer, Leg, Message } from './leg.ts';

/** The version whose receivers have to take them; those before and after it know of none. */
export const BATCHING = '2025-03-26';

export interface Batch {
  readonly messages: readonly Message[];
  /** Answers to what is no message, or must stand alone. */
  readonly refusals: readonly string[];
}

/** More than anybody says at once; each costs more than its few bytes. */
const MOST = 1_000;

/** The messages of a batch, each in the text it came in; undefined when the text is none. */
export const readBatch = (text: string): Batch | undefined => {
  const texts = itemsIn(text) ?? [];
  if (texts.length === 0 || texts.length > MOST) return undefined;
  const messages: Message[] = [];
  const refusals: string[] = [];
  for (const one of texts) {
    const envelope = readEnvelope(one);
    if (envelope === undefined) refusals.push(notAMessage(one));
    else if (envelope.method === 'initialize' || modernVersion(envelope) !== undefined)
      refusals.push(errorResponse(envelope.id ?? null, INVALID_REQUEST, 'not in a batch'));
    else messages.push({ text: one, envelope });
  }
  return { messages, refusals };
};

export interface BatchHearer {
  /** Of the server, for problems. */
  readonly title: string;
  /** What is said on the way. */
  readonly told: (json: string) => void;
  /** Once, with all answers in an array; without one when nothing in the batch wants any. */
  readonly done: (answers: string | undefined) => void;
}

/** Says all of it; the function returned gives up what has no answer yet. */
export const sayBatch = (
  { messages, refusals }: Batch,
  say: Leg['say'],
  { title, told, done }: BatchHearer,
): (() => void) => {
  const answers = [...refusals];
  let open = 1 + messages.filter(isRequest).length;
  const one = (): void => {
    open -= 1;
    if (open === 0) done(answers.length === 0 ? undefined : `[${answers.join(',')}]`);
  };

  const hearing = (message: Message): Hearer => {
    const { id } = message.envelope;
    let isAnswered = false;
    return {
      message: (json, peeked) => {
        if (peeked.method !== undefined || peeked.id !== id) return told(json);
        if (!isAnswered) answers.push(json);
        isAnswered = true;
      },
      done: ({ problem }) => {
        const answer =
          isAnswered || problem === undefined
            ? undefined
            : problemResponse(message.envelope, problem.problem, title);
        if (answer !== undefined) answers.push(answer);
        if (isRequest(message)) one();
      },
    };
  };

  const giveUps = messages.map((message) => say(message, hearing(message)));
  one();
  return () => {
    for (const giveUp of giveUps) giveUp();
  };
};

const isRequest = ({ envelope }: Message): boolean =>
  envelope.id !== undefined && envelope.method !== undefined;
