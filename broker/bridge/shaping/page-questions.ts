/** How is an AI client of the legacy era asked to show a page while its call waits, and told when nobody needs it any more? */
import { randomUUID } from 'node:crypto';
import type { Envelope, Id } from '../json-rpc.ts';
import { valueOf } from '../json-text.ts';
import type { Hearer, Message } from '../leg.ts';
import { isAccepted, legacyQuestion, type PageQuestion } from '../sign-in/elicitation.ts';

export interface PageQuestions {
  /** Asks on the way to an answer; `refused` is called for a no. */
  readonly ask: (hearer: Hearer, question: PageQuestion, refused: () => void) => PageAsking;
  /** Whether the message answers one of ours, now or too late: it is not the server's to hear. */
  readonly hears: (message: Message) => boolean;
}

export interface PageAsking {
  /** The call waits no longer: the AI client is told so. */
  readonly end: () => void;
  /** The AI client has left it itself. */
  readonly drop: () => void;
}

/** How the ids of our questions begin. */
const QUESTION = 'drawbridge-approval-';

export const createPageQuestions = (): PageQuestions => {
  /** Those without an answer. */
  const open = new Map<Id, (accepted: boolean) => void>();
  return {
    ask: (hearer, question, refused) => {
      const id = QUESTION + randomUUID();
      const elicitationId = randomUUID();
      const tell = (method: string, params: object): void =>
        hearer.message(JSON.stringify({ jsonrpc: '2.0', method, params }), {
          id: undefined,
          method,
        });
      let isShown = false;
      open.set(id, (accepted) => {
        open.delete(id);
        isShown = accepted;
        if (!accepted) refused();
      });
      hearer.message(legacyQuestion(id, elicitationId, question), {
        id,
        method: 'elicitation/create',
      });
      return {
        end: () => {
          if (open.delete(id)) tell('notifications/cancelled', { requestId: id });
          else if (isShown) tell('notifications/elicitation/complete', { elicitationId });
        },
        drop: () => void open.delete(id),
      };
    },
    hears: ({ text, envelope }) => {
      if (!isOurs(envelope)) return false;
      open.get(envelope.id)?.(isAccepted(valueOf(text, 'result')));
      return true;
    },
  };
};

const isOurs = (envelope: Envelope): envelope is Envelope & { readonly id: string } =>
  envelope.method === undefined &&
  typeof envelope.id === 'string' &&
  envelope.id.startsWith(QUESTION);
