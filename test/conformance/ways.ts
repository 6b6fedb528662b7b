/** The two ways in which an AI client gets at a server with Drawbridge's help. */
import {
  InsufficientScopeError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { PersonalBroker } from './personal-broker.ts';

export interface Way {
  readonly transport: () => Promise<StreamableHTTPClientTransport>;
  /** Has the person do what a failed request calls for; false when that is nothing, or came to nothing. */
  readonly mend: (error: unknown) => Promise<boolean>;
}

export type WayName = 'bridge' | 'direct';

/**
 * A client that sets its own limit for asking for more scope: the first sign-in and two more. At a door the limit is
 * Drawbridge's, and nothing here counts.
 */
const MOST_STEP_UPS = 2;

/** Through a door: the client knows nothing of signing in, and only the person sees that Drawbridge asks for it. */
const bridge = (drawbridge: PersonalBroker): Way => ({
  transport: async () => {
    const { url, headers } = await drawbridge.door();
    return new StreamableHTTPClientTransport(url, { requestInit: { headers } });
  },
  mend: async () => drawbridge.asksForSignIn() && drawbridge.signIn(),
});

/** Straight to the server, with tokens as `drawbridge token` gives them. The client does nothing for them itself. */
const direct = (drawbridge: PersonalBroker, server: URL): Way => {
  let stepUps = 0;
  return {
    transport: async () =>
      new StreamableHTTPClientTransport(server, {
        authProvider: {
          token: drawbridge.token,
          onUnauthorized: async () => void (await drawbridge.signIn()),
        },
        onInsufficientScope: 'throw',
      }),
    mend: async (error) => {
      if (!(error instanceof InsufficientScopeError)) {
        return drawbridge.asksForSignIn() && drawbridge.signIn();
      }
      stepUps += 1;
      return stepUps <= MOST_STEP_UPS && drawbridge.signIn(error.requiredScope?.split(' '));
    },
  };
};

export const ways: Readonly<Record<WayName, (drawbridge: PersonalBroker, server: URL) => Way>> = {
  bridge,
  direct,
};
