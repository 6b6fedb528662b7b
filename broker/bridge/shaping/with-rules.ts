/** A leg on which an AI client sees and calls only those tools that the rules leave it. */

import { plainText } from '../../../shared/plain-text.ts';
import { errorResponse } from '../json-rpc.ts';
import { INVALID_PARAMS } from '../json-rpc-codes.ts';
import { valueAt, withValuesAt } from '../json-text.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import type { KnownTools } from './known-tools.ts';
import { createListNews } from './list-news.ts';
import type { RuleBook } from './rule-book.ts';
import { shapeList } from './shape-list.ts';
import type { Standing } from './standing.ts';

export interface WithRulesDeps {
  readonly standing: Standing;
  readonly known: Pick<KnownTools, 'heard'>;
  readonly onChange: RuleBook['onChange'];
}

/** Answers in which a server says what it can do. */
const ofIdentity = new Set(['initialize', 'server/discover']);

/** Where no rule holds, every text passes as it came. */
export const withRules =
  (open: OpenLeg, era: Era, { standing, known, onChange }: WithRulesDeps): OpenLeg =>
  (unasked): Leg => {
    const leg = open(unasked);
    const news = createListNews(era, unasked);
    /** What the rules come to for lists, as the AI client was last answered. */
    const present = (): string =>
      standing
        .rules()
        .map(({ allow, deny, readOnly }) => JSON.stringify({ allow, deny, readOnly }))
        .filter((said) => said !== '{}')
        .join();
    let told = present();
    const stop = onChange(() => {
      const now = present();
      if (now !== told) news.tell();
      told = now;
    });

    const listed = ({ envelope }: Message, json: string): string => {
      told = present();
      if (standing.rules().length === 0) return json;
      return shapeList(
        json,
        (tool) => isUsable(standing.ofListed(tool)),
        (tools) => known.heard(tools, envelope.params?.['cursor'] === undefined),
      );
    };

    /** The promise to say so when the list changes, for the rules may change it. */
    const promising = (json: string): string =>
      standing.rules().length > 0 &&
      valueAt(json, ['result', 'capabilities', 'tools']) !== undefined
        ? withValuesAt(json, ['result', 'capabilities', 'tools'], { listChanged: true })
        : json;

    /** Says a request and changes its answer. */
    const sayAnd = (message: Message, hearer: Hearer, change: (json: string) => string) =>
      leg.say(message, {
        message: (json, peeked) =>
          hearer.message(isAnswer(message, peeked) ? change(json) : json, peeked),
        done: hearer.done,
      });

    return {
      ...leg,
      say: (message, hearer) => {
        const { id, method, params } = message.envelope;
        if (method === 'tools/call') {
          const why = refusal(params?.name, standing);
          if (why === undefined) return leg.say(message, hearer);
          if (id !== undefined)
            hearer.message(errorResponse(id, INVALID_PARAMS, why), { id, method: undefined });
          hearer.done({});
          return () => undefined;
        }
        if (id === undefined || method === undefined) {
          news.heard(message);
          return leg.say(message, hearer);
        }
        if (method === 'tools/list')
          return sayAnd(message, hearer, (json) => listed(message, json));
        if (ofIdentity.has(method)) return sayAnd(message, hearer, promising);
        return method === 'subscriptions/listen'
          ? news.listen(leg, message, hearer)
          : leg.say(message, hearer);
      },
      close: () => {
        stop();
        leg.close();
      },
    };
  };

const isUsable = (verdict: ReturnType<Standing['ofCalled']>): boolean =>
  verdict === 'free' || verdict === 'approve';

/** Why a tool cannot be called, as of one that the server does not have; undefined when it can. */
const refusal = (name: unknown, standing: Standing): string | undefined => {
  if (standing.rules().length === 0) return undefined;
  if (typeof name !== 'string') return 'Unknown tool: the call names none';
  const verdict = standing.ofCalled(name);
  const unknown = `Unknown tool: ${plainText(name, MOST_OF_NAME)}`;
  if (verdict === 'denied') return `${unknown}. The person has switched it off in Drawbridge.`;
  if (verdict === 'not-read-only')
    return `${unknown}. The person has switched off in Drawbridge what may change something, and the server does not say that this tool changes nothing.`;
  return undefined;
};

const MOST_OF_NAME = 128;

const isAnswer = ({ envelope }: Message, { id, method }: Peeked): boolean =>
  method === undefined && id === envelope.id;
