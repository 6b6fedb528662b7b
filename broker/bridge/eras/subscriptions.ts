/** What does an AI client of the legacy era hear of unasked? Changes of lists, and of resources that it subscribed to (F8). */
import { z } from 'zod';
import { errorResponse } from '../json-rpc.ts';
import { INVALID_PARAMS } from '../json-rpc-codes.ts';
import { withMembers } from '../json-text.ts';
import type { End, Leg } from '../leg.ts';
import { type Came, type Filter, type ListenDeps, listen } from './listen.ts';

export interface Subscriptions {
  /** Listens to what is to be listened to now. */
  readonly renew: () => void;
  /** Serves `resources/subscribe`. */
  readonly subscribe: Leg['say'];
  /** Serves `resources/unsubscribe`. */
  readonly unsubscribe: Leg['say'];
  readonly close: () => void;
}

export interface SubscriptionsDeps extends ListenDeps {
  readonly title: string;
  /** The changes of lists that there are to hear of. */
  readonly lists: () => Filter;
}

/** The subscriptions of one AI client, all in one stream of the server. */
export const createSubscriptions = ({
  title,
  lists,
  ...deps
}: SubscriptionsDeps): Subscriptions => {
  const listening = listen(deps);
  const uris = new Set<string>();

  const renew = (): Promise<Came> =>
    listening.to({
      ...lists(),
      ...(uris.size === 0 ? {} : { resourceSubscriptions: [...uris] }),
    });

  /** Changes what is listened to; `told` is what the AI client is told of what comes of it. */
  const serve =
    (change: (uri: string) => void, told: (uri: string, came: Came) => Told): Leg['say'] =>
    ({ envelope: { id, params } }, hearer) => {
      const { uri } = params ?? {};
      let isGivenUp = false;
      const tell = ({ json, end = {} }: Told): void => {
        if (isGivenUp) return;
        if (json !== undefined && id !== undefined)
          hearer.message(withMembers(json, { id: JSON.stringify(id) }), { id, method: undefined });
        hearer.done(end);
      };
      if (typeof uri === 'string') {
        change(uri);
        void renew().then((came) => tell(told(uri, came)));
      } else {
        tell({ json: invalid('params.uri is missing') });
      }
      return () => {
        isGivenUp = true;
      };
    };

  return {
    renew: () => void renew(),
    subscribe: serve(
      (uri) => uris.add(uri),
      (uri, came) => {
        if ('agreed' in came && urisIn(came.agreed).includes(uri)) return { json: SUCCESS };
        uris.delete(uri);
        void renew();
        if ('refusal' in came) return { json: came.refusal };
        if ('end' in came && came.end.problem !== undefined) return { end: came.end };
        return { json: invalid(`${title} does not tell of changes of this resource`) };
      },
    ),
    unsubscribe: serve(
      (uri) => uris.delete(uri),
      () => ({ json: SUCCESS }),
    ),
    close: listening.close,
  };
};

interface Told {
  /** An answer, whatever its id. */
  readonly json?: string;
  readonly end?: End;
}

const SUCCESS = '{"jsonrpc":"2.0","result":{}}';

const invalid = (message: string): string => errorResponse(null, INVALID_PARAMS, message);

const Uris = z.array(z.string()).catch([]);

const urisIn = (agreed: Filter): readonly string[] => Uris.parse(agreed['resourceSubscriptions']);
