/** `drawbridge wipe` */
import { keyText } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import { ask, canAsk } from '../ask.ts';
import type { Command } from '../command.ts';
import { oneLine } from '../terminal.ts';

const told = {
  yes: 'the server confirmed that the tokens are dead',
  no: 'the server did not confirm that the tokens are dead there',
  'not-offered': 'the server offers no way to end tokens early',
  unknown: 'the vault was closed: what was in it could not be ended at the server',
} as const satisfies Record<RouteReply<'wipe'>['accounts'][number]['revoked'], string>;

export const wipe: Command = {
  usage: 'wipe',
  summary: 'end every sign-in, and remove every secret and every key of AI clients',
  help: [
    '',
    '  --yes                      without asking',
    '',
    'The record of what AI clients have asked goes too. Servers and settings stay. Client secrets and the password of a proxy go, and have to be given again.',
    'AI clients that come in over HTTP need new keys: drawbridge connect <server> --http',
  ],
  words: [0, 0],
  options: { yes: { type: 'boolean' } },
  run: async ({ flag, control, terminal }) => {
    const client = await control();
    if (!flag('yes')) await makeSure();
    terminal.say('wiping ...');
    const outcome = await client.wipe({});
    const lines = outcome.accounts.map(({ server, account, revoked }) =>
      oneLine(`${nameOf({ server, account })}: ${told[revoked]}`),
    );
    terminal.facts(
      [...lines, outcome.left.length === 0 ? 'wiped' : 'wiped, but for what is told below'].join(
        '\n',
      ),
      outcome,
    );
    outcome.left.forEach(terminal.warn);
  },
};

const makeSure = async (): Promise<void> => {
  if (!canAsk())
    throw new ProblemError('bad-usage', 'there is no terminal to ask on', {
      hint: 'drawbridge wipe --yes does it without asking',
    });
  const answer = await ask('This ends every sign-in on this machine. Type "wipe" to do it: ');
  if (answer.trim() !== 'wipe') throw new ProblemError('bad-usage', 'nothing was wiped');
};

const nameOf = (key: Parameters<typeof keyText>[0]): string =>
  key.account === 'default' ? key.server : keyText(key);
