/** `drawbridge door`, and with a word behind it what changes it */
import {
  type DoorCaller,
  type DoorPortWish,
  DoorSettings,
  type DoorVerifier,
  type DoorView,
} from '../../shared/contract/door.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { inColumns } from '../columns.ts';
import type { Command, Invocation } from '../command.ts';
import { doorDeeds, doorOptions } from '../door-deeds.ts';
import { readPort } from '../read-port.ts';
import { oneLine } from '../terminal.ts';

export const door: Command = {
  usage: 'door',
  summary: 'on a shared host: have the HTTP door take OAuth tokens instead of keys',
  help: [
    '',
    'drawbridge door                  show how it is',
    'drawbridge door verify           tokens open it from now on, and keys do not; what is open ends',
    '  --issuer <url>                 whose tokens: JWTs, looked at with the keys that it publishes',
    '  --jwks <url>                   where these are, if it does not say so',
    '  --plain-jwt                    exception: also JWTs that do not say that they are access tokens (typ at+jwt)',
    '  --introspect                   ask the issuer about each token instead, as --client-id with --client-secret;',
    '                                 --endpoint if it does not say where, --client-post if it wants these in the form',
    "  --client-secret '${vault:X}'   or ${env:X}, ${file:X}: a secret is only named",
    '  --kubernetes                   ask an API server instead (TokenReview): the one of the pod, or --api,',
    '                                 --ca-file and --token-file; --issuer only where people sign in to it',
    '  --audience <text>              whom tokens have to be for, instead of the address of the door; may be repeated',
    '  --scope <name>                 what tokens have to allow; may be repeated',
    'drawbridge door allow            open servers to callers; the same ones again take the place of what was said',
    '  --subject, --group <text>, --claim <name>=<value>, --anyone     all that is said has to fit',
    '  --server <server>              or <server>/<account>; may be repeated. --every: all there are',
    '  --name <name>                  what activity and rules call them, instead of the subject',
    'drawbridge door disallow         the same conditions again: nothing is open to them any more',
    'drawbridge door listen           for other machines, from the next start on',
    '  --public <url>                 how they reach it: https://mcp.example.com',
    '  --address <ip> --port <port>   where it listens besides this machine',
    '  --proxy <ip or network>        the proxy with https before it; nobody else comes. May be repeated',
    '  --nowhere                      this machine alone again',
    'drawbridge door port             where it is on this machine, from the next start on',
    '  --port <port>                  this one; --free: any that is free',
    'drawbridge door set              all of it from a JSON --file, in the form that --json shows under "settings"',
    'drawbridge door keys             local keys again, on this machine alone',
  ],
  words: [0, 1],
  options: doorOptions,
  run: async (invocation) => {
    const { words, terminal, control } = invocation;
    const [word = 'show'] = words;
    const client = await control();
    const now = await client.door();
    const view =
      word === 'show'
        ? (assertTakes([], invocation, word), now)
        : word === 'port'
          ? await client.changeDoorPort(portWish(invocation))
          : await client.changeDoor(await nextOf(word, now.settings, invocation));
    terminal.facts(inWords(view), view);
    if (view.restart) terminal.say('restart Drawbridge for what is set about listening');
  },
};

const portWish = (invocation: Invocation): DoorPortWish => {
  const takes = ['port', 'free'];
  assertTakes(takes, invocation, 'port');
  const port = readPort(invocation.option('port'));
  if ((port !== undefined) !== invocation.flag('free')) return port === undefined ? {} : { port };
  throw new ProblemError('bad-usage', 'say which: --port <port>, or --free');
};

const nextOf = async (
  word: string,
  now: DoorSettings,
  invocation: Invocation,
): Promise<DoorSettings> => {
  const deed = Object.hasOwn(doorDeeds, word) ? doorDeeds[word] : undefined;
  if (deed === undefined)
    throw new ProblemError('bad-usage', `there is no "door ${oneLine(word)}"`, {
      hint: `one of: show, ${Object.keys(doorDeeds).join(', ')}, port`,
    });
  assertTakes(deed.takes, invocation, word);
  const { data, error } = DoorSettings.safeParse(await wished(() => deed.next(now, invocation)));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new ProblemError('bad-usage', 'that cannot be set', {
    hint: oneLine([where, issue?.message].filter((part) => part).join(': ')),
  });
};

const wished = async (next: () => unknown): Promise<unknown> => {
  try {
    return await next();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('bad-usage', 'there is no JSON in that file');
  }
};

/** An option in the wrong place would be taken for one that was heeded. */
const assertTakes = (
  takes: readonly string[],
  { flag, option, options }: Invocation,
  word: string,
): void => {
  const stray = Object.keys(doorOptions).find(
    (name) =>
      !takes.includes(name) &&
      (flag(name) || option(name) !== undefined || options(name).length > 0),
  );
  if (stray !== undefined)
    throw new ProblemError('bad-usage', `--${stray} does not belong to "door ${word}"`, {
      hint: 'drawbridge door --help',
    });
};

const inWords = ({ settings, base, port, restart }: DoorView): string => {
  const { verify, callers, publicAddress, listen, proxies } = settings;
  const facts = [
    ['opened by', verify === undefined ? 'local keys (drawbridge keys)' : verifierInWords(verify)],
    ['at', base === undefined ? 'nothing: it is not open' : `${base}/mcp/<server>`],
    ...(restart && listen === undefined
      ? [['then at', port === undefined ? 'any free port' : `port ${port}`]]
      : []),
    ...(verify?.audiences === undefined ? [] : [['tokens for', verify.audiences.join(', ')]]),
    ...(verify?.scopes === undefined ? [] : [['that allow', verify.scopes.join(', ')]]),
    ...(publicAddress === undefined ? [] : [['public address', publicAddress]]),
    ...(listen === undefined ? [] : [['listens at', `${listen.address}, port ${listen.port}`]]),
    ...(proxies.length === 0 ? [] : [['for', `this machine and ${proxies.join(', ')}`]]),
  ];
  const rows = callers.map((row) => [
    `open to ${whomInWords(row)}`,
    row.servers === 'every' ? 'every server' : row.servers.join(', '),
    ...(row.name === undefined ? [] : [`called ${row.name}`]),
  ]);
  const nobody = verify !== undefined && rows.length === 0;
  return [
    inColumns(facts),
    ...(rows.length === 0 ? [] : [inColumns(rows)]),
    ...(nobody ? ['open to nobody yet: drawbridge door allow'] : []),
  ].join('\n');
};

const verifierInWords = (verify: DoorVerifier): string => {
  if (verify.kind === 'kubernetes')
    return `tokens that ${verify.api ?? 'the cluster of this pod'} takes (TokenReview)`;
  if (verify.kind === 'introspection') return `tokens that ${verify.issuer} says hold`;
  return `tokens that ${verify.issuer} has signed${verify.plainJwt ? ', of any type' : ''}`;
};

const whomInWords = ({ subject, group, claim, anyone }: DoorCaller): string =>
  [
    ...(subject === undefined ? [] : [`subject ${subject}`]),
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(claim === undefined ? [] : [`${claim.name}=${claim.value}`]),
    ...(anyone === true ? ['anyone with a good token'] : []),
  ].join(' and ');
