/** `drawbridge connect <server>`, or `drawbridge connect --all` */
import {
  aiClients,
  anyClient,
  type Entry,
  shimEntry,
  type Transport,
} from '../../shared/ai-clients.ts';
import type { ControlClient } from '../../shared/contract/client.ts';
import { DoorAddress, opens } from '../../shared/contract/door-keys.ts';
import {
  type AccountId,
  ALL_ENTRY,
  ALL_SERVERS,
  entryName,
  keyText,
} from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { accountOption, type Command } from '../command.ts';
import { shimStart } from '../shim-start.ts';
import { oneLine } from '../terminal.ts';

const known = Object.keys(aiClients).join(', ');

export const connect: Command = {
  usage: 'connect <server>',
  summary: 'print the entry that connects an AI client to a server, or with --all to every one',
  help: [
    '',
    `  --for <ai client>  in the form it reads: ${known}`,
    '                     (default: "mcpServers", which many others read as well)',
    '  --all              one entry for all servers as one, called drawbridge; their tools are called',
    '                     <server>_<tool>, and servers that you add later are in it as well',
    '  --account <id>     as this account, whichever is the default one; the entry has a name of its own',
    '  --http             an entry for the HTTP door, with a key of its own, instead of a command',
    '  --sse              the same for an AI client that knows only HTTP+SSE, the older transport; same address',
    '  --client <name>    with --http: the AI client that the key is for (default: that of --for, or by-hand)',
    '  --server <server>  with --http: the key opens only this server, or <server>/<account>; may be repeated',
    '',
    'The key of an HTTP entry is shown this once. It opens every server at this local door, unless --server says',
    'which, and is no token of any of them. drawbridge keys lists the keys, drawbridge revoke-key ends one.',
  ],
  words: [0, 1],
  options: {
    ...accountOption,
    all: { type: 'boolean' },
    for: { type: 'string' },
    http: { type: 'boolean' },
    sse: { type: 'boolean' },
    client: { type: 'string' },
    server: { type: 'string', multiple: true },
  },
  run: async ({ words: [server], flag, option, options, terminal, control, dataFolder }) => {
    const whole = flag('all');
    assertOneOf(whole, server, option('account'));
    const wanted = option('for');
    const aiClient = clientNamed(wanted);
    const transport = flag('sse') ? 'sse' : flag('http') ? 'http' : undefined;
    assertFits(wanted, aiClient.takes, transport, option('client'));
    const servers = addressesIn(options('server'), transport !== undefined);
    const client = await control();
    const snapshot = await client.snapshot();
    const { name, at, address } =
      server === undefined ? everything : one(snapshot, server, option('account'), servers);
    const entry =
      transport === undefined
        ? shimEntry(shimStart(dataFolder), address)
        : await httpEntry(client, transport, snapshot.doors, at, {
            aiClient: option('client') ?? wanted ?? 'by-hand',
            servers,
          });
    terminal.say(aiClient.put);
    terminal.facts(aiClient.text(name, entry), aiClient.config(name, entry));
  },
};

interface Wanted {
  /** What the entry is called. */
  readonly name: string;
  /** At the HTTP door. */
  readonly at: string;
  /** For the shim. */
  readonly address: string;
}

const everything: Wanted = { name: ALL_ENTRY, at: '/mcp', address: ALL_SERVERS };

const one = (
  snapshot: Snapshot,
  server: string,
  account: AccountId | undefined,
  servers: readonly DoorAddress[] | undefined,
): Wanted => {
  assertThere(snapshot, server, account);
  assertOpens(snapshot, servers, server, account);
  const address = account === undefined ? server : keyText({ server, account });
  return { name: entryName(server, account), at: `/mcp/${address}`, address };
};

const assertOneOf = (
  whole: boolean,
  server: string | undefined,
  account: string | undefined,
): void => {
  if (whole === (server === undefined) && !(whole && account !== undefined)) return;
  throw new ProblemError('bad-usage', 'name a server, or say --all', {
    hint: whole ? '--all is every server, as its default account' : 'drawbridge connect --help',
  });
};

const assertThere = (
  { servers }: Snapshot,
  server: string,
  account: AccountId | undefined,
): void => {
  const hint = 'drawbridge list shows the ones there are';
  const found = servers.find(({ id }) => id === server);
  if (found === undefined)
    throw new ProblemError('not-found', `there is no server ${JSON.stringify(server)}`, { hint });
  if (account !== undefined && !found.accounts.some(({ id }) => id === account))
    throw new ProblemError('not-found', `${server} has no account ${JSON.stringify(account)}`, {
      hint,
    });
};

const clientNamed = (name: string | undefined) => {
  if (name === undefined) return anyClient;
  const found = Object.hasOwn(aiClients, name) ? aiClients[name] : undefined;
  if (found !== undefined) return found;
  throw new ProblemError('bad-usage', `there is no form for ${JSON.stringify(name)}`, {
    hint: `one of ${known}; without --for it is the form that most read`,
  });
};

const assertFits = (
  name: string | undefined,
  takes: readonly Transport[],
  transport: Transport | undefined,
  client: string | undefined,
): void => {
  if (transport !== undefined && takes.length === 0)
    throw new ProblemError('bad-usage', `${name} takes commands only`, {
      hint: `leave out --${transport}`,
    });
  if (transport !== undefined && !takes.includes(transport))
    throw new ProblemError('bad-usage', `${name} does not know HTTP+SSE`, { hint: 'use --http' });
  if (transport === undefined && client !== undefined)
    throw new ProblemError('bad-usage', '--client names the key of --http', {
      hint: 'add --http; for the form of an AI client, --for',
    });
};

/** Undefined when nothing was said, which is every server. */
const addressesIn = (given: readonly string[], http: boolean): DoorAddress[] | undefined => {
  if (given.length === 0) return undefined;
  if (!http)
    throw new ProblemError('bad-usage', '--server limits the key of --http', {
      hint: 'add --http',
    });
  return given.map((text) => {
    const address = DoorAddress.safeParse(text);
    if (address.success) return address.data;
    throw new ProblemError('bad-usage', `"${oneLine(text)}" is no server`, {
      hint: 'an id as drawbridge list shows it, or <server>/<account>',
    });
  });
};

/** An entry whose own key does not open it would only be found out in the AI client. */
const assertOpens = (
  { servers: all }: Snapshot,
  servers: readonly DoorAddress[] | undefined,
  server: string,
  account: AccountId | undefined,
): void => {
  const { defaultAccount = '' } = all.find(({ id }) => id === server) ?? {};
  if (opens(servers, { server, account: account ?? defaultAccount })) return;
  throw new ProblemError('bad-usage', `this key would not open ${server} itself`, {
    hint: `add --server ${account === undefined ? server : keyText({ server, account })}`,
  });
};

const httpEntry = async (
  client: ControlClient,
  type: Transport,
  { http: base, verified }: Snapshot['doors'],
  at: string,
  wish: RouteBody<'makeDoorKey'>,
): Promise<Entry> => {
  // The AI client signs in at the door, or is given a token by whoever sets it up.
  if (verified !== undefined) return { type, url: `${verified.base}${at}` };
  if (base === undefined) throw new ProblemError('door-unavailable', 'the HTTP door is not open');
  const { key } = await client.makeDoorKey(wish);
  return {
    type,
    url: `${base}${at}`,
    headers: { Authorization: `Bearer ${key}` },
  };
};
