/** `drawbridge renew` */
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { accountOption, type Command } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const renew: Command = {
  usage: 'renew [<server>]',
  summary: 'renew a sign-in now, or all of them',
  help: ['', '  --account <id>  which account, when the server has several'],
  words: [0, 1],
  options: accountOption,
  run: async ({ words: [server], option, terminal, control }) => {
    const client = await control();
    if (server !== undefined) {
      await client.renew({ server, account: option('account') ?? DEFAULT_ACCOUNT });
      return terminal.facts(`renewed ${server}`, { renewed: [server] });
    }
    const { outcomes } = await client.renewAll({});
    terminal.facts(
      outcomes.length === 0
        ? 'nothing to renew'
        : outcomes
            .map(
              ({ key, problem }) =>
                `${key.server}/${key.account}  ${problem === undefined ? 'renewed' : oneLine(problem.message)}`,
            )
            .join('\n'),
      { outcomes },
    );
    if (outcomes.some(({ problem }) => problem !== undefined))
      throw new ProblemError('retrying', 'not every sign-in could be renewed');
  },
};
