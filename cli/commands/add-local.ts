/** `drawbridge add-local <title> -- <program> [arguments]` and `drawbridge set-secret <server> <name>` */
import path from 'node:path';
import { described } from '../../shared/command-line.ts';
import { AddLocalServer, VariableName } from '../../shared/contract/local-server.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { agree } from '../agree.ts';
import { askUnseen, canAsk } from '../ask.ts';
import type { Command } from '../command.ts';
import { fullPath } from '../full-path.ts';
import { readSecretLines } from '../read-secret.ts';
import { readId } from './add.ts';

export const addLocal: Command = {
  usage: 'add-local <title>',
  summary: 'add a program as a server, which Drawbridge runs itself',
  help: [
    '',
    'drawbridge add-local <title> [options] -- <program> [arguments]',
    '',
    '  --env <NAME=value>  in the environment of the program; may be repeated; ${vault:NAME}, ${env:NAME} and ${file:PATH}',
    '                      in it stand for what is there when the program starts',
    '  --secret <NAME>     a secret in its environment, kept in the vault; may be repeated. Each is asked for, or read',
    '                      from standard input, one a line',
    '  --folder <folder>   where it starts (default: your home folder)',
    '  --shared            one process for all AI clients (default: each has its own)',
    '  --id <id>           what to call it: lowercase letters, digits, hyphens, 20 at most',
    '  --yes               do not ask: for scripts',
    '',
    'The whole command is shown before it is kept: it runs with all your rights. Of the environment of Drawbridge it',
    'gets PATH, HOME and the like. For instance:',
    '  drawbridge add-local Files -- npx -y @modelcontextprotocol/server-filesystem ~/notes',
  ],
  words: [1, 502],
  options: {
    env: { type: 'string', multiple: true },
    secret: { type: 'string', multiple: true },
    folder: { type: 'string' },
    shared: { type: 'boolean' },
    id: { type: 'string' },
    yes: { type: 'boolean' },
  },
  run: async ({ words: [title = '', program = '', ...args], ...invocation }) => {
    const { option, options, flag, terminal } = invocation;
    const id = readId(option('id'));
    const folder = fullPath(option('folder'));
    const names = options('secret').map(variable);
    const command = {
      ...{ program: named(program), args, env: Object.fromEntries(options('env').map(pair)) },
      processes: flag('shared') ? ('shared' as const) : ('own' as const),
      ...(folder === undefined ? {} : { folder }),
    };
    const wish = { title, command, ...(id === undefined ? {} : { id }) };
    assertWish(wish);
    terminal.say(
      'Drawbridge will run this program with all your rights, now and whenever an AI client asks something of it:',
    );
    for (const line of described(command, names)) terminal.say(`  ${line}`);
    if (!flag('yes')) await agree('May it run?', 'nothing was added');
    const client = await invocation.control();
    const secrets = await readSecrets(names);
    const { server } = await client.addLocalServer({ ...wish, secrets });
    terminal.facts(`added ${server.id}`, { server });
    terminal.say(`next: drawbridge connect ${server.id}`);
  },
};

export const setSecret: Command = {
  usage: 'set-secret <server> <name>',
  summary: 'give a value to a secret of a local server',
  help: ['', 'It is asked for, or read from standard input, one a line where several are named.'],
  words: [2, 101],
  options: {},
  run: async ({ words: [server = '', ...names], terminal, control }) => {
    const client = await control();
    const secrets = await readSecrets(names.map(variable));
    const reply = await client.setLocalSecrets({ server }, { secrets });
    terminal.facts(`kept ${names.join(', ')} for ${server}`, reply);
  },
};

/** Rejects with `bad-usage`. */
const readSecrets = async (names: readonly string[]): Promise<Record<string, string>> => {
  if (names.length === 0) return {};
  const lines: string[] = [];
  if (canAsk()) for (const name of names) lines.push(await askUnseen(`${name}: `));
  else lines.push(...(await readSecretLines(0, names.length)));
  const secrets = names.map((name, at): [string, string] => [name, lines[at] ?? '']);
  const empty = secrets.find(([, value]) => value === '');
  if (empty === undefined) return Object.fromEntries(secrets);
  throw new ProblemError('bad-usage', `there is no value for ${empty[0]}`, {
    hint: 'secrets are read from standard input, one a line, in the order in which they are named',
  });
};

/** A path from where the command is typed; a name stays one, and is looked up when it is run. */
const named = (program: string): string => {
  if (program !== '') return /[\\/]/.test(program) ? path.resolve(program) : program;
  throw new ProblemError('bad-usage', 'which program to run was not said', {
    hint: 'drawbridge add-local <title> -- <program> [arguments]',
  });
};

const variable = (name: string): string => {
  if (VariableName.safeParse(name).success) return name;
  throw new ProblemError('bad-usage', `${JSON.stringify(name)} is no name of a variable`, {
    hint: 'letters, digits and underscores; a secret is named here, and never given',
  });
};

const pair = (text: string): [string, string] => {
  const at = text.indexOf('=');
  if (at > 0) return [variable(text.slice(0, at)), text.slice(at + 1)];
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} is no NAME=value`);
};

const assertWish = (wish: unknown): void => {
  const parsed = AddLocalServer.safeParse(wish);
  if (parsed.success) return;
  const { path: place, message } = parsed.error.issues[0] ?? { path: [], message: '' };
  throw new ProblemError('bad-usage', `${place.join(' ')} cannot be used: ${message}`);
};
