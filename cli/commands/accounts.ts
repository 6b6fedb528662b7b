/** `drawbridge add-account`, `remove-account` and `default-account`, each `<server> <account>` */
import { entryName } from '../../shared/contract/ids.ts';
import type { Command } from '../command.ts';
import { readId } from './add.ts';

export const addAccount: Command = {
  usage: 'add-account <server> <account>',
  summary: 'add another account on a server',
  help: [
    '',
    'The account is a name of yours for it: lowercase letters, digits, hyphens, 20 at most. Then:',
    '  drawbridge sign-in <server> --account <account>   lets you choose who you are there',
    '  drawbridge connect <server> --account <account>   connects an AI client as that account',
  ],
  words: [2, 2],
  options: {},
  run: async ({ words: [server = '', account = ''], terminal, control }) => {
    readId(account);
    const { server: changed } = await (await control()).addAccount({ server }, { account });
    terminal.facts(`added ${server}/${account}`, { server: changed });
    terminal.say(`next: drawbridge sign-in ${server} --account ${account}`);
  },
};

export const removeAccount: Command = {
  usage: 'remove-account <server> <account>',
  summary: 'sign an account out and forget it',
  help: ['', 'Neither the only account of a server nor its default one can go.'],
  words: [2, 2],
  options: {},
  run: async ({ words: [server = '', account = ''], terminal, control }) => {
    await (await control()).removeAccount({ server, account });
    terminal.facts(`removed ${server}/${account}`, { removed: { server, account } });
    terminal.say(`entries called ${entryName(server, account)} in AI clients are of no use now`);
  },
};

export const defaultAccount: Command = {
  usage: 'default-account <server> <account>',
  summary: 'choose the account of AI clients that name none',
  help: [
    '',
    'Sessions that are open stay with the account they began with: restart the AI client to change it there.',
  ],
  words: [2, 2],
  options: {},
  run: async ({ words: [server = '', account = ''], terminal, control }) => {
    await (await control()).makeDefaultAccount({ server, account });
    terminal.facts(`${server} is ${server}/${account} now`, { default: { server, account } });
  },
};
