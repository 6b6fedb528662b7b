/** What has changed between two snapshots, in a sentence to be read aloud. */
import { waitsForVault, wordsOf } from '../../shared/account-words.ts';
import { approvalLine } from '../../shared/approval-words.ts';
import { keyText } from '../../shared/contract/ids.ts';
import type { ApprovalView } from '../../shared/contract/rules.ts';
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import { undoStrings } from '../strings/undo.ts';
import { strings } from '../strings.ts';
import { clip, hostOf, shortAccount, shortName } from '../words.ts';

export const announcement = (before: Snapshot, after: Snapshot): string => {
  const was = wordsByAccount(before);
  const gone = before.servers.filter(({ id }) => !after.servers.some((server) => server.id === id));
  const news = after.servers.filter(({ id }) => !before.servers.some((server) => server.id === id));
  const changed = [...wordsByAccount(after)].filter(([key, { words }]) => {
    const old = was.get(key);
    return old !== undefined && old.words !== words;
  });
  const asked = approvalsOnlyIn(after, before);
  const over = approvalsOnlyIn(before, after);
  const removals = (after.removals ?? []).filter(
    ({ id, until }) =>
      until !== undefined && !before.removals?.some((removal) => removal.id === id),
  );
  return [
    ...removals.map(({ what, name }) =>
      undoStrings.announce(`${undoStrings.removed[what]} ${clip(name, 60)}`),
    ),
    ...asked.map((approval) => strings.approvals.announce(approvalLine(approval, after))),
    ...over.map((approval) => strings.approvals.announceOver(approvalLine(approval, before))),
    ...gone.map(({ title }) => strings.announce.removed(shortName(title))),
    ...news.map(({ title }) => strings.announce.added(shortName(title))),
    ...changed.map(([, { title, words }]) => strings.announce.state(title, words)),
  ].join('. ');
};

const approvalsOnlyIn = ({ approvals = [] }: Snapshot, other: Snapshot): ApprovalView[] =>
  approvals.filter(({ id }) => !other.approvals?.some((one) => one.id === id));

const wordsByAccount = ({ servers }: Snapshot): Map<string, { title: string; words: string }> =>
  new Map(
    servers.flatMap((server) =>
      server.accounts.map((account) => [
        keyText({ server: server.id, account: account.id }),
        { title: shortAccount(server, account), words: accountWords(server, account) },
      ]),
    ),
  );

const accountWords = (server: ServerView, account: AccountView): string => {
  const { state, signIn, problem } = account;
  return [
    state === 'signing-in' && signIn !== undefined
      ? [stepWords(signIn), ...codeWords(signIn)].join('. ')
      : wordsOf(server, account),
    ...(problem === undefined || waitsForVault(account) ? [] : [clip(problem.message, 200)]),
  ].join('. ');
};

type SignIn = NonNullable<AccountView['signIn']>;

/** How far a sign-in has come. */
export const stepWords = ({ step, device }: SignIn): string =>
  step === 'waiting-for-browser' && device !== undefined
    ? strings.waitingForCode
    : strings.steps[step];

const codeWords = ({ device }: SignIn): string[] =>
  device === undefined
    ? []
    : [strings.device.announce(clip(device.userCode, 60), hostOf(device.address))];
