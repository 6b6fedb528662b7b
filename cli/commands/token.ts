/** `drawbridge token <server>` */
import { ProblemError } from '../../shared/contract/problems.ts';
import { accountKey } from '../account-key.ts';
import { accountOption, type Command } from '../command.ts';

export const token: Command = {
  usage: 'token <server>',
  summary: 'print a fresh access token, for a script',
  help: [
    '',
    '  --account <id>  which account, when the server has several',
    '',
    'Only the token goes to stdout. With --json also when it runs out: {"token": "...", "expiresAt": <Unix ms>}.',
    'Whoever sees the token can use it until then: keep it out of logs and command lines.',
  ],
  words: [1, 1],
  options: accountOption,
  run: async ({ words: [server = ''], option, terminal, control }) => {
    const client = await control();
    const account = option('account');
    const key = await accountKey(client, server, account);
    const answer = await client.token(key).catch((error: unknown) => {
      throw withCommand(error, account === undefined ? server : `${server} --account ${account}`);
    });
    terminal.facts(answer.token, answer);
  },
};

/** Every surface has its own way to sign in; here it is a command. */
const withCommand = (error: unknown, what: string): unknown =>
  error instanceof ProblemError && error.code === 'needs-sign-in'
    ? new ProblemError(error.code, error.message, {
        hint: `drawbridge sign-in ${what}`,
        cause: error,
      })
    : error;
