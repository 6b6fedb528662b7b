/** One attack on the listener that the browser comes back to, while a person signs in. */
import { request } from 'node:http';
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { goodTokens, PHISHING, pagesOf } from './attack.ts';
import { type AttackedBroker, problemOf } from './attacked-broker.ts';
import { startAttacker } from './attacker.ts';
import { redirectOf } from './strike.ts';

export interface CallbackAnswer {
  readonly status: number;
  readonly page: string;
}

/** What a page in the person's browser, or another program on this machine, knows and can do. */
export interface CallbackScene {
  readonly redirect: URL;
  /** Known only to who saw the page that was opened. */
  readonly state: string;
  /** One request to the listener, word for word. */
  readonly ask: (
    target: string,
    options?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<CallbackAnswer>;
  /** The person's own answer comes, and waits for the end of the sign-in. */
  readonly personComesBack: () => void;
}

export interface CallbackAttack {
  readonly name: string;
  readonly strike: (at: CallbackScene) => Promise<readonly CallbackAnswer[]>;
}

/** Whatever an attacker has at hand, to tell from the person's. */
export const THEIR_CODE = 'their-code';

const ID = 'attacked';

export const strikeCallback = async (world: AttackedBroker, attack: CallbackAttack) => {
  // Honest here: it is others that strike.
  await using server = await startAttacker();
  const { trap, honest } = world;
  const { mcp, as } = honest;
  const struck = Promise.withResolvers<void>();
  let back: Promise<CallbackAnswer> | undefined;
  const at = {
    ...{ origin: server.origin, port: server.port, trap: trap.port, runOut: () => undefined },
    honest: { url: mcp.url, origin: mcp.origin, issuer: as.issuer },
  };
  server.serve(
    pagesOf(
      {
        name: attack.name,
        refusedWith: 'internal',
        pages: () => ({
          // Not before the attack is over, or there would be no listener left to attack.
          '/token': async (res) => {
            // With a code that is not the person's all is lost already.
            if (back === undefined) struck.resolve();
            await struck.promise;
            res.writeHead(200, { 'content-type': 'application/json' });
            res.end(JSON.stringify(goodTokens));
          },
        }),
      },
      at,
    ),
  );
  const page = new Promise<URL>((resolve) => {
    world.browseWith(async (address) => resolve(address));
  });
  world.network.begin({});
  // Left over from an attack that was not turned away.
  await problemOf(world.control.removeServer({ server: ID }));
  await world.control.addServer({ id: ID, url: `${server.origin}/mcp` });
  const ended = world.signIn(ID);

  const opened = await Promise.race([page, ended]);
  if (!(opened instanceof URL)) throw new Error(`no page came but ${JSON.stringify(opened)}`);
  const redirect = redirectOf(opened);
  const state = opened.searchParams.get('state') ?? '';
  const ask: CallbackScene['ask'] = (target, options) => askAt(redirect, target, options);
  const personComesBack = (): void => {
    back ??= ask(`${redirect.pathname}?${new URLSearchParams({ code: 'the-code', state })}`);
  };
  const answers = await attack.strike({ redirect, state, ask, personComesBack });
  personComesBack();
  struck.resolve();
  await Promise.all([back, ended]);

  const codes = [...server.heard().matchAll(/[?&\n]code=([^&]*)/g)].map(([, code]) => code);
  const shown = JSON.stringify([world.broker.snapshot(), world.log]);
  const result = {
    answers,
    codes,
    theirCodes: codes.filter((code) => code === THEIR_CODE),
    state: world.account(ID)?.state,
    theirWordsShown: shown.includes(PHISHING),
  };
  await world.control.signOut({ server: ID, account: DEFAULT_ACCOUNT });
  await world.control.removeServer({ server: ID });
  return result;
};

const askAt = (
  { hostname, port, host }: URL,
  path: string,
  {
    method = 'GET',
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<CallbackAnswer> =>
  new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers: { host, ...headers } });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let page = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        page += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, page }));
    });
    asked.end();
  });
