/** `drawbridge list`, also called `status` */
import { waitsForVault, wantedWords, wordsOf } from '../../shared/account-words.ts';
import { captureLines } from '../../shared/capture-words.ts';
import { commandLine } from '../../shared/command-line.ts';
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import { timeLeft } from '../../shared/expiry.ts';
import { pauseWords } from '../../shared/pause-words.ts';
import { policyLines } from '../../shared/policy-words.ts';
import { inColumns } from '../columns.ts';
import type { Command } from '../command.ts';
import { inMemoryOnly, oneLine } from '../terminal.ts';

export const list: Command = {
  usage: 'list',
  summary: 'show servers, sign-ins and what lapses when (also: status)',
  help: [],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    const snapshot = await (await control()).snapshot();
    for (const problem of [snapshot.vault.problem, snapshot.doors.problem, ...snapshot.notices]) {
      if (problem !== undefined) terminal.warn(problem);
    }
    if (snapshot.vault.kind === 'memory') {
      terminal.say(inMemoryOnly);
    }
    const { policy } = snapshot;
    if (policy !== undefined)
      for (const line of policyLines(policy))
        terminal.say(oneLine(`settled by your administrator: ${line}`));
    if (snapshot.pause !== undefined)
      terminal.say(`${pauseWords(snapshot.pause, Date.now())} (drawbridge resume)`);
    const kept = captureLines(snapshot.capture ?? { running: [] }, snapshot.servers, Date.now());
    if (kept.length > 0)
      terminal.say(oneLine(`what is said is kept: ${kept.join('; ')} (drawbridge capture off)`));
    terminal.facts(describe(snapshot, Date.now()), snapshot);
  },
};

const describe = (snapshot: Snapshot, now: number): string => {
  if (snapshot.servers.length === 0)
    return 'no servers yet: drawbridge add <url>, or drawbridge add --demo to try';
  return inColumns(
    snapshot.servers.flatMap((server) =>
      server.accounts.map((account) => row(server, account, now)),
    ),
  );
};

const row = (server: ServerView, account: AccountView, now: number): string[] => {
  const left = account.expiresAt === undefined ? '' : timeLeft(account.expiresAt, now);
  const renews =
    account.renewable === true
      ? ', renews itself'
      : account.renewable === false
        ? ', will not renew itself'
        : '';
  // Said once, above, and not of each account.
  const problem = waitsForVault(account) ? undefined : account.problem;
  const usual =
    server.command === undefined
      ? `${left}${left === '' ? '' : renews}`
      : commandLine(server.command);
  const known = problem === undefined ? usual : problem.message;
  const detail = [known, wantedWords(account) ?? ''].filter((text) => text !== '').join('; ');
  const several = server.accounts.length > 1;
  const isDefault = several && account.id === server.defaultAccount;
  return [
    several ? `${server.id}/${account.id}` : server.id,
    `${account.label ?? account.id}${isDefault ? ' (default)' : ''}`,
    wordsOf(server, account),
    detail,
  ];
};
