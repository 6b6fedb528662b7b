/** A leg on which a call of a marked tool waits until the person has said yes, and is made once then, or never. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { Id } from '../json-rpc.ts';
import { memberOf, valueAt } from '../json-text.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Era } from '../session.ts';
import {
  declaresPages,
  isRound,
  type Mark,
  modernQuestion,
  type PageQuestion,
  readRetry,
} from '../sign-in/elicitation.ts';
import type { Target } from '../target.ts';
import type { ApprovalOutcome, Approvals, Asked, Call } from './approvals.ts';
import { createPageQuestions, type PageAsking } from './page-questions.ts';
import { createRounds } from './rounds.ts';
import type { Standing } from './standing.ts';

export interface WithApprovalsDeps {
  readonly target: Target;
  readonly standing: Standing;
  readonly approvals: Pick<Approvals, 'ask' | 'find'>;
  /** The address of the page with this nonce; undefined without a door. */
  readonly linkTo: (nonce: string) => string | undefined;
}

const MARK: Mark = { name: 'drawbridge-approval', state: 'drawbridge:approval:' };
/** A call that has to be approved. */
interface Marked {
  readonly message: Message;
  readonly id: Id;
  readonly tool: string;
  readonly hearer: Hearer;
}

/**
 * Around a leg that obeys the rules: what is switched off while the person thinks is refused there after a yes.
 *
 * An AI client that shows pages is given one; all others wait, and the person is asked in Drawbridge alone. A form of the AI
 * client's own would not do: it is the AI client that would fill it in.
 */
export const withApprovals =
  (open: OpenLeg, era: Era, deps: WithApprovalsDeps): OpenLeg =>
  (unasked): Leg => {
    const { target, standing, approvals, linkTo } = deps;
    const leg = open(unasked);
    const rounds = createRounds();
    /** Of the legacy era: what `initialize` declared. */
    let showsPages = false;
    /** Calls that wait, by their ids. */
    const waiting = new Map<Id, () => void>();
    /** Ends every wait in silence. */
    const stops = new Set<() => void>();
    /** Of the modern era: what was asked about and has not been said again. */
    const parked = new Map<string, Asked>();
    const questions = createPageQuestions();

    const callOf = ({ message, tool }: Pick<Marked, 'message' | 'tool'>): Call => ({
      ...standing.whom(),
      tool,
      arguments: memberOf(memberOf(message.text, 'params') ?? '{}', 'arguments') ?? '{}',
    });

    const question = ({ tool }: Marked, { nonce }: Asked): PageQuestion | undefined => {
      const url = linkTo(nonce);
      const what = `${plainText(tool, 128)} at ${plainText(target.title)}`;
      const message = `${what} waits for your approval. The page of Drawbridge shows what it is called with, and asks whether it may be.`;
      return url === undefined ? undefined : { url, message };
    };

    /** Says a call that was approved. What the server wants to know on the way to its answer belongs to the same call. */
    const sayApproved = (marked: Marked): (() => void) => {
      const { message, id, hearer } = marked;
      return leg.say(message, {
        message: (json, peeked) => {
          const isAnswer = peeked.method === undefined && peeked.id === id;
          if (era === 'modern' && isAnswer && json.includes('"input_required"'))
            rounds.add(callOf(marked), valueAt(json, ['result', 'requestState']));
          hearer.message(json, peeked);
        },
        done: hearer.done,
      });
    };

    /** Waits for the person, and for the page where one is `shown`. */
    const hold = (marked: Marked, asked: Asked, shown?: PageQuestion): (() => void) => {
      const { id, tool, hearer } = marked;
      let giveUp = nothing;
      let asking: PageAsking | undefined;
      let isOver = false;
      const leave = (): void => {
        isOver = true;
        stops.delete(stop);
        if (waiting.get(id) === cancel) waiting.delete(id);
      };
      const stop = (): void => {
        leave();
        asked.withdraw();
      };
      const end = (outcome: ApprovalOutcome): void => {
        leave();
        asking?.end();
        if (outcome === 'allowed') giveUp = sayApproved(marked);
        else hearer.done({ problem: problemFor(outcome, tool) });
      };
      const cancel = (): void => {
        stop();
        asking?.end();
        hearer.done({});
      };
      waiting.set(id, cancel);
      stops.add(stop);
      giveUp = () => {
        stop();
        asking?.drop();
      };
      asked.wait(end);
      if (shown !== undefined && !isOver)
        asking = questions.ask(hearer, shown, () => {
          asked.withdraw();
          end('denied');
        });
      return () => giveUp();
    };

    const ask = (marked: Marked): (() => void) => {
      const { id, hearer, message } = marked;
      const asked = approvals.ask(callOf(marked));
      if (asked === undefined) {
        hearer.done({ problem: tooMany() });
        return nothing;
      }
      const mayShow = era === 'legacy' ? showsPages : declaresPages('modern', message.envelope);
      const shown = mayShow ? question(marked, asked) : undefined;
      if (era === 'legacy' || shown === undefined) return hold(marked, asked, shown);
      parked.set(asked.id, asked);
      hearer.message(modernQuestion(id, shown, MARK, asked.id), { id, method: undefined });
      hearer.done({});
      return nothing;
    };

    /** The retry of a call of the modern era with the answer to our question. */
    const goOn = (marked: Marked, about: string, accepted: boolean): (() => void) => {
      const asked = approvals.find(about, callOf(marked));
      if (asked !== undefined) parked.delete(about);
      const verdict = standing.ofCalled(marked.tool);
      if (verdict !== 'approve') {
        asked?.withdraw();
        return leg.say(marked.message, marked.hearer);
      }
      // It was too late, or is not the call that was asked about.
      if (asked === undefined) return ask(marked);
      if (accepted) return hold(marked, asked);
      asked.withdraw();
      marked.hearer.done({ problem: problemFor('denied', marked.tool) });
      return nothing;
    };

    /** What is ours to hear, and not the server's. */
    const answersUs = (message: Message): boolean => {
      const { method, params } = message.envelope;
      if (method !== 'notifications/cancelled') return questions.hears(message);
      const { requestId } = params ?? {};
      const cancel = isId(requestId) ? waiting.get(requestId) : undefined;
      cancel?.();
      return cancel !== undefined;
    };

    return {
      ...leg,
      say: (message, hearer) => {
        const { envelope } = message;
        const { id, method, params } = envelope;
        if (era === 'legacy' && method === 'initialize')
          showsPages = declaresPages('legacy', envelope);
        if (era === 'legacy' && answersUs(message)) {
          hearer.done({});
          return nothing;
        }
        const tool = params?.name;
        if (method !== 'tools/call' || typeof tool !== 'string') return leg.say(message, hearer);
        const retry = era === 'modern' ? readRetry(message, MARK) : undefined;
        if (id !== undefined && retry !== undefined)
          return goOn({ message: retry.call, id, tool, hearer }, retry.about, retry.accepted);
        if (standing.ofCalled(tool) !== 'approve') return leg.say(message, hearer);
        // Nobody could be told what became of it.
        if (id === undefined) {
          hearer.done({});
          return nothing;
        }
        const marked = { message, id, tool, hearer };
        const goesOn = isRound(envelope) && rounds.take(callOf(marked), params?.['requestState']);
        return goesOn ? sayApproved(marked) : ask(marked);
      },
      close: () => {
        for (const stop of [...stops]) stop();
        for (const { withdraw } of parked.values()) withdraw();
        leg.close();
      },
    };
  };

const problemFor = (outcome: Exclude<ApprovalOutcome, 'allowed'>, tool: string): ProblemError => {
  const name = plainText(tool, 128);
  return outcome === 'denied'
    ? new ProblemError('not-approved', `the person did not allow ${name}, so nothing was sent`)
    : new ProblemError(
        'approval-timed-out',
        `nobody allowed ${name} in time, so nothing was sent`,
        { hint: 'ask the person to look at Drawbridge, then try again' },
      );
};

const tooMany = (): ProblemError =>
  new ProblemError(
    'too-many-approvals',
    'too many calls wait for the person already, so nothing was sent',
    { hint: 'the person can answer them in Drawbridge' },
  );

const nothing = (): void => undefined;

const isId = (value: unknown): value is Id =>
  typeof value === 'string' || typeof value === 'number';
