/** `drawbridge approvals`, `approve <id>` and `deny <id>` */
import { keyText } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import {
  type ApprovalArguments,
  ApprovalId,
  type ApprovalView,
} from '../../shared/contract/rules.ts';
import { timeLeft } from '../../shared/expiry.ts';
import { inColumns } from '../columns.ts';
import type { Command, Invocation } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const approvals: Command = {
  usage: 'approvals [<id>]',
  summary: 'show the calls that wait for you, or what one would be made with',
  help: [
    '',
    'One call a line: its id, the AI client, the server and account, the tool, and how long it will wait.',
    'With an id, the arguments of that call: they may be private, and are shown nowhere else in the terminal.',
    'drawbridge approve <id> has it made once, drawbridge deny <id> has it refused.',
  ],
  words: [0, 1],
  options: {},
  run: async (invocation) => {
    const { words, terminal, control } = invocation;
    const client = await control();
    if (words.length === 1) {
      const given = await client.approvalArguments({ id: idOf(invocation) });
      return terminal.facts(asText(given), given);
    }
    const { approvals: all = [] } = await client.snapshot();
    terminal.facts(asTable(all, Date.now()), { approvals: all });
  },
};

export const approve: Command = {
  usage: 'approve <id>',
  summary: 'allow a waiting call once',
  help: ['', 'The id is the one that drawbridge approvals shows.'],
  words: [1, 1],
  options: {},
  run: (invocation) => answer(invocation, true),
};

export const deny: Command = {
  usage: 'deny <id>',
  summary: 'refuse a waiting call: nothing is sent',
  help: ['', 'The id is the one that drawbridge approvals shows.'],
  words: [1, 1],
  options: {},
  run: (invocation) => answer(invocation, false),
};

const answer = async (invocation: Invocation, allow: boolean): Promise<void> => {
  const { terminal, control } = invocation;
  const id = idOf(invocation);
  await (await control()).answerApproval({ id, allow });
  terminal.facts(`${allow ? 'allowed once' : 'denied'}: ${id}`, { id, allowed: allow });
};

const idOf = ({ words: [text = ''] }: Invocation): ApprovalId => {
  const id = ApprovalId.safeParse(text);
  if (id.success) return id.data;
  throw new ProblemError('bad-usage', `"${oneLine(text)}" is no id of a waiting call`, {
    hint: 'drawbridge approvals shows the ids',
  });
};

const asText = ({ text, more }: ApprovalArguments): string =>
  more === 0 ? text : `${text}\n(${more} more characters are not shown)`;

const asTable = (all: readonly ApprovalView[], now: number): string =>
  all.length === 0
    ? 'no call waits for you'
    : inColumns(
        all.map((call) => [
          call.id,
          call.aiClient,
          keyText(call),
          call.tool,
          timeLeft(call.endsAt, now),
        ]),
      );
