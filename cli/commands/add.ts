/** `drawbridge add <url>` */
import { lacksClient } from '../../shared/contract/client-secrets.ts';
import { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { certificateHelp, certificateOptions, readCertificate } from '../certificate-options.ts';
import type { Command } from '../command.ts';
import { readSignInWish, signInHelp, signInOptions } from '../sign-in-options.ts';
import { readSource, sourceHelp, sourceOptions } from '../source-options.ts';
import { oneLine } from '../terminal.ts';

export const add: Command = {
  usage: 'add <url>',
  summary: 'add an MCP server by its address',
  help: [
    '',
    '  --id <id>        what to call it: lowercase letters, digits, hyphens, 20 at most',
    '  --title <title>  what to show',
    '',
    ...signInHelp,
    '',
    ...sourceHelp,
    '',
    ...certificateHelp,
  ],
  words: [1, 1],
  options: {
    id: { type: 'string' },
    title: { type: 'string' },
    ...signInOptions,
    ...sourceOptions,
    ...certificateOptions,
  },
  run: async (invocation) => {
    const {
      words: [url = ''],
      option,
      terminal,
      control,
    } = invocation;
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
    for (const { text } of probe.findings) terminal.say(oneLine(text));
    const needsPerson = probe.signIn === 'oauth' && (signIn.kind ?? 'person') === 'person';
    const next = needsPerson ? `sign-in ${server.id}` : `connect ${server.id}`;
    terminal.facts(`added ${server.id}`, { server, probe });
    terminal.say(`next: drawbridge ${next}`);
  },
};

/** The id wished for. Throws `bad-usage`. */
export const readId = (text: string | undefined): ServerId | undefined => {
  if (text === undefined || ServerId.safeParse(text).success) return text;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} cannot be an id`, {
    hint: 'lowercase letters, digits and hyphens, 20 at most; --title takes any words',
  });
};
