/** `drawbridge sign-out <server>` */
import { accountKey } from '../account-key.ts';
import { accountOption, type Command } from '../command.ts';

const told = {
  yes: 'the server confirmed that the tokens are dead',
  no: 'wiped here, but the server did not confirm that the tokens are dead there',
  'not-offered': 'wiped here; the server offers no way to end tokens early',
  'nothing-to-revoke': 'nobody was signed in',
} as const;

export const signOut: Command = {
  usage: 'sign-out <server>',
  summary: 'end a sign-in, here and at the server',
  help: ['', '  --account <id>  which account, when the server has several'],
  words: [1, 1],
  options: accountOption,
  run: async ({ words: [server = ''], option, terminal, control }) => {
    const client = await control();
    const outcome = await client.signOut(await accountKey(client, server, option('account')));
    terminal.say(told[outcome.revoked]);
    terminal.facts(
      outcome.revoked === 'nothing-to-revoke' ? '' : `signed out of ${server}`,
      outcome,
    );
  },
};
