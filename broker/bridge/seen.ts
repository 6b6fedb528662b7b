/** What is noted of each request of an AI client: who asked what, and how it ended; never what was said. */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Envelope } from './json-rpc.ts';
import { valueAt } from './json-text.ts';
import type { OpenLeg } from './leg.ts';

/** Whose requests they are. Names come as they were given. */
export interface Whose {
  readonly key: AccountKey;
  readonly door: ActivityEntry['door'];
  /** Where the door knows it; else what the AI client calls itself, for display only: nobody has checked it (F10). */
  readonly aiClient?: string;
}

export interface Asked extends Whose {
  readonly aiClient: string;
  readonly method: string;
  /** Of the tool, the prompt or the resource. */
  readonly name: string | undefined;
  readonly bytes: number;
}

export interface Outcome extends Pick<ActivityEntry, 'outcome'> {
  readonly code?: ActivityEntry['code'];
}

export interface Ended extends Outcome {
  readonly bytes: number;
  readonly answer?: string;
}

/**
 * Notes that a request began; `text` is the request as it came, for those whom the person has asked to keep what is said.
 * What it returns is called once, when it ended, and with the answer where it `keeps` that.
 */
export type Began = (
  asked: Asked,
  text: string | Buffer,
) => ((ended: Ended) => void) & { readonly keeps?: true };

/** Legs whose requests are noted. Notifications and what the AI client answers are no requests. */
export const seen =
  (open: OpenLeg, began: Began, whose: Whose): OpenLeg =>
  (unasked) => {
    const leg = open(unasked);
    const waiting = new Set<Waiting>();
    let aiClient = whose.aiClient ?? '';

    return {
      ...leg,
      say: (message, hearer) => {
        const { envelope } = message;
        const { id, method } = envelope;
        if (method === 'notifications/cancelled') {
          for (const one of waiting)
            if (one.id === envelope.params?.requestId) one.end({ outcome: 'cancelled' });
        }
        if (id === undefined || method === undefined) return leg.say(message, hearer);
        aiClient = whose.aiClient ?? clientNameIn(envelope) ?? aiClient;
        let bytes = 0;
        const ended = began(
          {
            ...whose,
            aiClient,
            method,
            name: nameIn(envelope),
            bytes: Buffer.byteLength(message.text),
          },
          message.text,
        );
        const here: Waiting = {
          id,
          end: (outcome, answer) => {
            if (waiting.delete(here))
              ended({ ...outcome, bytes, ...(ended.keeps && answer !== undefined && { answer }) });
          },
        };
        waiting.add(here);
        const giveUp = leg.say(message, {
          message: (json, peeked) => {
            hearer.message(json, peeked);
            bytes += Buffer.byteLength(json);
            if (peeked.method === undefined && peeked.id === id) here.end(outcomeIn(json), json);
          },
          done: (end) => {
            hearer.done(end);
            const { problem } = end;
            here.end(
              problem === undefined
                ? { outcome: 'gone' }
                : { outcome: 'error', code: problem.code },
            );
          },
        });
        return () => {
          here.end({ outcome: 'cancelled' });
          giveUp();
        };
      },
      close: () => {
        for (const one of waiting) one.end({ outcome: 'gone' });
        leg.close();
      },
    };
  };

interface Waiting {
  readonly id: string | number;
  readonly end: (outcome: Outcome, answer?: string) => void;
}

/**
 * What an answer amounts to.
 *
 * Exact: the text is looked at member by member only where it holds the words at all, and those of most answers do not.
 */
export const outcomeIn = (answer: string): Outcome => {
  if (answer.includes('"error"')) {
    const error = valueAt(answer, ['error']);
    if (error !== undefined) return { outcome: 'error', ...codeOf(error) };
  }
  const failed = /"isError"\s*:\s*true/.test(answer) && valueAt(answer, ['result', 'isError']);
  return { outcome: failed === true ? 'tool-error' : 'answered' };
};

const codeOf = (error: unknown): Pick<Outcome, 'code'> => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return Number.isSafeInteger(code) ? { code: code as number } : {};
};

/** Where each method says whom it is about. Of any other, the method says enough. */
const named: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** What a request is about, by name. */
export const nameIn = ({ method = '', params }: Envelope): string | undefined => {
  const member = Object.hasOwn(named, method) ? named[method] : undefined;
  const name = member === undefined ? undefined : params?.[member];
  if (typeof name !== 'string') return undefined;
  return member === 'uri' ? withoutSecrets(name) : name;
};

/** Addresses carry secrets in their query, in what follows a hash, and before the host. */
const withoutSecrets = (uri: string): string =>
  uri.replace(/[?#].*$/s, '').replace(/^([^/]*:\/\/)[^/]*@/, '$1');

const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo';

/** What the AI client calls itself: in its handshake, or in any message of the modern era. */
export const clientNameIn = ({ method, params }: Envelope): string | undefined => {
  const info = method === 'initialize' ? params?.['clientInfo'] : params?._meta?.[CLIENT_KEY];
  if (typeof info !== 'object' || info === null || !('name' in info)) return undefined;
  return typeof info.name === 'string' ? info.name : undefined;
};
