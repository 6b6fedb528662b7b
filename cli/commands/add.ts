/** `drawbridge add <url>`, or `--demo` for the one that Drawbridge serves itself */
import type { ControlClient } from '../../shared/contract/client.ts';
import { lacksClient } from '../../shared/contract/client-secrets.ts';
import { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { certificateHelp, certificateOptions, readCertificate } from '../certificate-options.ts';
import type { Command, Invocation } from '../command.ts';
import { readSignInWish, signInHelp, signInOptions } from '../sign-in-options.ts';
import { readSource, sourceHelp, sourceOptions } from '../source-options.ts';
import { oneLine } from '../terminal.ts';

export const add: Command = {
  usage: 'add <url>',
  summary: 'add an MCP server by its address, or the demo',
  help: [
    '',
    '  --id <id>        what to call it: lowercase letters, digits, hyphens, 20 at most',
    '  --title <title>  what to show',
    '  --demo           a server on this computer, with a sign-in, to try everything with: no account, no network',
    '',
    ...signInHelp,
    '',
    ...sourceHelp,
    '',
    ...certificateHelp,
  ],
  words: [0, 1],
  options: {
    id: { type: 'string' },
    title: { type: 'string' },
    demo: { type: 'boolean' },
    ...signInOptions,
    ...sourceOptions,
    ...certificateOptions,
  },
  run: async (invocation) => {
    const {
      words: [url],
      flag,
      option,
      terminal,
      control,
    } = invocation;
    if (flag('demo')) return addDemo(invocation);
    if (url === undefined)
      throw new ProblemError('bad-usage', `usage: drawbridge ${add.usage}`, { hint: HELP });
    const id = readId(option('id'));
    const signIn = await readSignInWish(invocation);
    const source = await readSource(invocation);
    const clientCertificate = readCertificate(invocation);
    if (lacksClient(signIn)) {
      throw new ProblemError('bad-usage', 'a client secret or a key goes with --client-id');
    }
    const client = await control();
    terminal.say(`asking ${url} ...`);
    const title = option('title');
    const { server, probe } = await client.addServer({
      url,
      ...(id === undefined ? {} : { id }),
      ...(title === undefined ? {} : { title }),
      ...(Object.keys(signIn).length === 0 ? {} : { signIn }),
      ...(source === undefined ? {} : { source }),
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    });
    const needsPerson = probe.signIn === 'oauth' && (signIn.kind ?? 'person') === 'person';
    tell(terminal, { server, probe }, needsPerson ? 'sign-in' : 'connect');
  },
};

const HELP = 'drawbridge add --help';

/** Nothing else can be said of it: where it is and how it signs people in is its own. */
const addDemo = async ({ words, option, options, flag, terminal, control }: Invocation) => {
  const others = Object.keys(add.options).filter(
    (name) =>
      name !== 'demo' && (flag(name) || option(name) !== undefined || options(name).length > 0),
  );
  if (words.length + others.length > 0)
    throw new ProblemError('bad-usage', '--demo takes nothing else', { hint: HELP });
  tell(terminal, await (await control()).addDemo({}), 'sign-in');
};

const tell = (
  terminal: Invocation['terminal'],
  { server, probe }: Awaited<ReturnType<ControlClient['addServer']>>,
  next: 'connect' | 'sign-in',
): void => {
  for (const { text } of probe.findings) terminal.say(oneLine(text));
  terminal.facts(`added ${server.id}`, { server, probe });
  terminal.say(`next: drawbridge ${next} ${server.id}`);
};

/** The id wished for. Throws `bad-usage`. */
export const readId = (text: string | undefined): ServerId | undefined => {
  if (text === undefined || ServerId.safeParse(text).success) return text;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} cannot be an id`, {
    hint: 'lowercase letters, digits and hyphens, 20 at most; --title takes any words',
  });
};
