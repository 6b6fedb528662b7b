/** How does an AI client hear that its list of tools has become another, when it is not the server that says so? */
import { meta } from '../eras/versions.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Era } from '../session.ts';

const TOOLS_CHANGED = 'notifications/tools/list_changed';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

export interface ListNews {
  /** What the AI client says without wanting an answer. */
  readonly heard: (message: Message) => void;
  /** Says `subscriptions/listen` over `leg`; until it ends, the AI client can be told on that stream. */
  readonly listen: (leg: Leg, message: Message, hearer: Hearer) => () => void;
  readonly tell: () => void;
}

interface Stream {
  readonly message: Message;
  readonly hearer: Hearer;
  acknowledged: boolean;
}

export const createListNews = (era: Era, unasked: Parameters<OpenLeg>[0]): ListNews => {
  const streams = new Set<Stream>();
  let isInitialized = false;

  const tellOn = ({ message, hearer, acknowledged }: Stream): void => {
    if (!acknowledged || !wantsTools(message)) return;
    const params = { _meta: { [meta.subscription]: message.envelope.id } };
    hearer.message(JSON.stringify({ jsonrpc: '2.0', method: TOOLS_CHANGED, params }), changed);
  };

  return {
    heard: ({ envelope }) => (isInitialized ||= envelope.method === 'notifications/initialized'),
    listen: (leg, message, hearer) => {
      const stream: Stream = { message, hearer, acknowledged: false };
      streams.add(stream);
      const giveUp = leg.say(message, {
        message: (json, peeked) => {
          if (peeked.method === ACKNOWLEDGED) stream.acknowledged = true;
          // Nothing may follow the answer.
          if (peeked.method === undefined) streams.delete(stream);
          hearer.message(json, peeked);
        },
        done: (end) => {
          streams.delete(stream);
          hearer.done(end);
        },
      });
      return () => {
        streams.delete(stream);
        giveUp();
      };
    },
    tell: () => {
      if (era === 'modern') for (const stream of [...streams]) tellOn(stream);
      else if (isInitialized)
        unasked(JSON.stringify({ jsonrpc: '2.0', method: TOOLS_CHANGED }), changed);
    },
  };
};

const changed = { id: undefined, method: TOOLS_CHANGED };

const wantsTools = ({ envelope }: Message): boolean => {
  const wished = envelope.params?.['notifications'];
  return (
    typeof wished === 'object' &&
    wished !== null &&
    'toolsListChanged' in wished &&
    wished.toolsListChanged === true
  );
};
