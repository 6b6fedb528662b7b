/** `drawbridge add <url>` */
import { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { OAuthWish } from '../../shared/contract/routes.ts';
import type { Command, Invocation } from '../command.ts';
import { readPort } from '../read-port.ts';
import { readSecretLine } from '../read-secret-line.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export const add: Command = {
  usage: 'add <url>',
  summary: 'add an MCP server by its address',
  help: [
    '',
    '  --id <id>        what to call it: lowercase letters, digits, hyphens, 20 at most',
    '  --title <title>  what to show',
    '',
    'For a server whose operator gave you a client id:',
    '  --client-id <id>             the client id',
    '  --client-secret-file <file>  a file whose first line is the client secret, if there is one',
    '  --callback-port <port>       the port in the redirect that the operator was told',
    '  --scope <scope>              ask for this instead of what the server says; may be repeated',
  ],
  words: [1, 1],
  options: {
    id: { type: 'string' },
    title: { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret-file': { type: 'string' },
    'callback-port': { type: 'string' },
    scope: { type: 'string', multiple: true },
  },
  run: async ({ words: [url = ''], option, options, terminal, control }) => {
    const id = readId(option('id'));
    const oauth = await readOAuth(option, options('scope'), terminal);
    const client = await control();
    terminal.say(`asking ${url} ...`);
    const title = option('title');
    const { server, probe } = await client.addServer({
      url,
      ...(id === undefined ? {} : { id }),
      ...(title === undefined ? {} : { title }),
      ...(Object.keys(oauth).length === 0 ? {} : { oauth }),
    });
    for (const { text } of probe.findings) terminal.say(oneLine(text));
    const next = probe.signIn === 'oauth' ? `sign-in ${server.id}` : `connect ${server.id}`;
    terminal.facts(`added ${server.id}`, { server, probe });
    terminal.say(`next: drawbridge ${next}`);
  },
};

const readId = (text: string | undefined): ServerId | undefined => {
  if (text === undefined || ServerId.safeParse(text).success) return text;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} cannot be an id`, {
    hint: 'lowercase letters, digits and hyphens, 20 at most; --title takes any words',
  });
};

const readOAuth = async (
  option: Invocation['option'],
  scopes: readonly string[],
  terminal: Terminal,
): Promise<OAuthWish> => {
  const clientId = option('client-id');
  const secretFile = option('client-secret-file');
  const callbackPort = readPort(option('callback-port'));
  if (clientId === undefined && (secretFile ?? callbackPort) !== undefined) {
    throw new ProblemError('bad-usage', 'a client secret or a callback port goes with --client-id');
  }
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(secretFile === undefined
      ? {}
      : { clientSecret: await readSecretLine(secretFile, terminal) }),
    ...(callbackPort === undefined ? {} : { callbackPort }),
    ...(scopes.length === 0 ? {} : { scopes: [...scopes] }),
  };
};
