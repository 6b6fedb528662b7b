/** `drawbridge rules`, `add-rule` and `remove-rule <id>` */
import { DoorAddress } from '../../shared/contract/door-keys.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type Rule, RuleId, RuleWish, ToolPattern } from '../../shared/contract/rules.ts';
import { ruleParts, ruleScope } from '../../shared/rule-words.ts';
import { inColumns } from '../columns.ts';
import type { Command, Invocation } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const rules: Command = {
  usage: 'rules',
  summary: 'show the rules that narrow what AI clients may use',
  help: [
    '',
    'One rule a line: its id, whom it is for and where, and what it says. Of all rules that fit, the strictest wins.',
    'drawbridge add-rule makes one, drawbridge remove-rule ends one.',
  ],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    const { rules: all = [] } = await (await control()).snapshot();
    terminal.facts(asTable(all), { rules: all });
  },
};

export const addRule: Command = {
  usage: 'add-rule',
  summary: 'narrow what AI clients may use of servers',
  help: [
    '',
    '  --client <name>     for this AI client, as drawbridge activity or keys names it; every one otherwise',
    '  --server <server>   at this server, or <server>/<account>; every one otherwise',
    '  --allow <tools>     only these tools',
    '  --deny <tools>      never these',
    '  --read-only         only tools of which the server says that they change nothing',
    '  --approve <tools>   each call of these waits until you allow it',
    '',
    'Tools are named whole, * standing for any characters and ? for one; put commas between several, and quotes',
    'around them in a shell: --deny "delete_*,drop_?". A rule holds from the next call on, and only ever takes away.',
    'The name that an AI client gives itself through the shim is its own word: only rules for every one hold for sure.',
  ],
  words: [0, 0],
  options: {
    client: { type: 'string' },
    server: { type: 'string' },
    allow: { type: 'string', multiple: true },
    deny: { type: 'string', multiple: true },
    approve: { type: 'string', multiple: true },
    'read-only': { type: 'boolean' },
  },
  run: async (invocation) => {
    const { terminal, control } = invocation;
    const wish = wishOf(invocation);
    const { rule } = await (await control()).addRule(wish);
    terminal.facts(`added ${rule.id}: ${lineOf(rule)}`, { rule });
  },
};

export const removeRule: Command = {
  usage: 'remove-rule <id>',
  summary: 'end a rule',
  help: ['', 'The id is the one that drawbridge rules shows.'],
  words: [1, 1],
  options: {},
  run: async ({ words: [text = ''], terminal, control }) => {
    const id = RuleId.safeParse(text);
    if (!id.success)
      throw new ProblemError('bad-usage', `"${oneLine(text)}" is no id of a rule`, {
        hint: 'drawbridge rules shows the ids',
      });
    await (await control()).removeRule({ id: id.data });
    terminal.facts(`removed ${id.data}`, { removed: id.data });
  },
};

const wishOf = ({ flag, option, options }: Invocation): RuleWish => {
  const patterns = (name: 'allow' | 'deny' | 'approve') => {
    const all = options(name).flatMap((text) => text.split(',').map((one) => one.trim()));
    const wrong = all.find((one) => !ToolPattern.safeParse(one).success);
    if (wrong !== undefined)
      throw new ProblemError('bad-usage', `"${oneLine(wrong)}" names no tool`, {
        hint: 'name tools whole, * standing for any characters and ? for one',
      });
    return all.length === 0 ? {} : { [name]: all };
  };
  const aiClient = option('client');
  const server = option('server');
  if (server !== undefined && !DoorAddress.safeParse(server).success)
    throw new ProblemError('bad-usage', `"${oneLine(server)}" is no server`, {
      hint: 'drawbridge list shows them: --server <server> or <server>/<account>',
    });
  const wish = RuleWish.safeParse({
    ...(aiClient === undefined ? {} : { aiClient }),
    ...(server === undefined ? {} : { server }),
    ...patterns('allow'),
    ...patterns('deny'),
    ...patterns('approve'),
    ...(flag('read-only') ? { readOnly: true } : {}),
  });
  if (wish.success) return wish.data;
  throw new ProblemError('bad-usage', 'that makes no rule', {
    hint: 'say at least one of --allow, --deny, --read-only and --approve, of at most 100 tools each',
  });
};

const lineOf = (rule: Rule): string => `${oneLine(ruleScope(rule))}: ${ruleParts(rule).join('; ')}`;

const asTable = (all: readonly Rule[]): string =>
  all.length === 0
    ? 'AI clients may use everything: drawbridge add-rule'
    : inColumns(all.map((rule) => [rule.id, ruleScope(rule), ruleParts(rule).join('; ')]));
