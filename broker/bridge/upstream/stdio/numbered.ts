/** How do several askers share one channel? Each request gets a number of the bridge's own, and gives it back with its answer (F7). */
import { meta } from '../../eras/versions.ts';
import type { Id } from '../../json-rpc.ts';
import { valueAt, withMembers, withValuesAt } from '../../json-text.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../../leg.ts';

/**
 * Legs whose requests can never be taken for each other, whoever says them: ids, progress tokens and the ids of
 * subscriptions are numbers on the way out, and what they were on the way back.
 */
export const numbered =
  (open: OpenLeg): OpenLeg =>
  (unasked): Leg => {
    const leg = open(unasked);
    let count = 0;
    return {
      ...leg,
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (id === undefined || method === undefined) return leg.say(message, hearer);
        count += 1;
        return leg.say(asNumber(message, count), namedBack(hearer, message, count));
      },
    };
  };

/** A request under another id; progress is told under the same. */
const asNumber = ({ text, envelope }: Message, number: number): Message => {
  const token = tokenOf(envelope);
  const renamed = withMembers(text, { id: JSON.stringify(number) });
  if (token === undefined) return { text: renamed, envelope: { ...envelope, id: number } };
  const { params } = envelope;
  return {
    text: withValuesAt(renamed, ['params', '_meta'], { progressToken: number }),
    envelope: {
      ...envelope,
      id: number,
      params: { ...params, _meta: { ...params?._meta, progressToken: number } },
    },
  };
};

/** Hears what is said about `number` as if it were about the message itself. */
const namedBack = (hearer: Hearer, { envelope }: Message, number: number): Hearer => {
  const { id = number } = envelope;
  const token = tokenOf(envelope);
  return {
    done: hearer.done,
    message: (json, peeked) => {
      const { method } = peeked;
      if (method === undefined) {
        const answer = withMembers(json, { id: JSON.stringify(id) });
        return hearer.message(subscribedAs(answer, ['result'], id, number), { ...peeked, id });
      }
      if (method === 'notifications/progress')
        return hearer.message(withValuesAt(json, ['params'], { progressToken: token }), peeked);
      hearer.message(subscribedAs(json, ['params'], id, number), peeked);
    },
  };
};

/** With the AI client's own id where the number stands for a subscription. */
const subscribedAs = (json: string, at: readonly string[], id: Id, number: number): string =>
  json.includes(meta.subscription) && valueAt(json, [...at, '_meta', meta.subscription]) === number
    ? withValuesAt(json, [...at, '_meta'], { [meta.subscription]: id })
    : json;

const tokenOf = ({ params }: Message['envelope']): unknown => params?._meta?.['progressToken'];
