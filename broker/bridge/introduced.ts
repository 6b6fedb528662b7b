/** What becomes of an AI client that leaves out the handshake, as one of HTTP+SSE does whose stream had to be opened anew? */
import { initializedMessage, unheard } from './catalogue/handshake.ts';
import { resultResponse } from './json-rpc.ts';
import { type Message, messageOf, type OpenLeg } from './leg.ts';

/**
 * Legs of the legacy era that say the handshake themselves where it is left out: the server, which knows nothing of a
 * stream that broke, would refuse everything else. What the AI client can do is not known, so nothing is claimed.
 */
export const introduced =
  (open: OpenLeg, aiClient: string): OpenLeg =>
  (unasked) => {
    const leg = open(unasked);
    let isIntroduced = false;
    return {
      ...leg,
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (!isIntroduced && method === 'ping' && id !== undefined) {
          // It may come before a handshake, which then follows; it asks about the connection to the bridge, and that lives.
          hearer.message(resultResponse(id, {}), { id, method: undefined });
          hearer.done({});
          return () => undefined;
        }
        if (!isIntroduced && method !== 'initialize') {
          leg.say(handshake(aiClient), unheard);
          leg.say(initializedMessage, unheard);
        }
        isIntroduced = true;
        return leg.say(message, hearer);
      },
    };
  };

const handshake = (aiClient: string): Message =>
  messageOf({
    ...{ jsonrpc: '2.0', id: 'drawbridge-initialize', method: 'initialize' },
    params: {
      // The one version that has this transport.
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: aiClient, version: '0' },
    },
  });
