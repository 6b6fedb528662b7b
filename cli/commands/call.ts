/** `drawbridge call <server> <tool>` */
import { readFileSync } from 'node:fs';
import { bytesText } from '../../shared/activity.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { LONGEST_CALL_S, MOST_OF_CALL, type ToolAnswer } from '../../shared/contract/tool-call.ts';
import { accountKey } from '../account-key.ts';
import { accountOption, type Command, Interrupted, Told } from '../command.ts';
import { durationOf } from '../duration.ts';
import { interruptSignal } from '../interrupt.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export const call: Command = {
  usage: 'call <server> <tool>',
  summary: 'call a tool of a server by hand',
  help: [
    '',
    '  --args <json>     its arguments, a JSON object; - reads them from standard input',
    `  --timeout <time>  wait at most 30s or 2m, ${LONGEST_CALL_S / 60}m at most; 1m otherwise`,
    '  --account <id>    which account, when the server has several',
    '',
    'drawbridge tools <server> shows the tools. The call is made as you: rules for AI clients do not narrow it, and',
    'drawbridge activity notes it as one of Drawbridge. Other users of this machine can see what is given with --args.',
    'What the server asks in the meantime is declined. Ctrl-C gives the call up. A tool that fails ends with code 1.',
  ],
  words: [2, 2],
  options: { ...accountOption, args: { type: 'string' }, timeout: { type: 'string' } },
  run: async ({ words: [server = '', name = ''], option, terminal, control }) => {
    const timeoutS = timeoutOf(option('timeout') ?? '1m');
    const wish = { name, arguments: argumentsOf(option('args') ?? '{}'), timeoutS };
    const client = await control();
    const key = await accountKey(client, server, option('account'));
    const interrupt = interruptSignal();
    const answer = await client.callTool(key, wish, interrupt).catch((error: unknown) => {
      throw interrupt.aborted ? givenUp() : error;
    });
    tell(terminal, answer);
    if (answer.isError) throw failed(answer);
  },
};

const timeoutOf = (text: string): number => {
  const seconds = Math.ceil(durationOf(text) / 1000);
  if (seconds >= 1 && seconds <= LONGEST_CALL_S) return seconds;
  throw new ProblemError('bad-usage', `--timeout takes 1s to ${LONGEST_CALL_S / 60}m`);
};

const argumentsOf = (given: string): Record<string, unknown> => {
  const text = given === '-' ? readFileSync(0, 'utf8') : given;
  const value = jsonIn(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ProblemError('bad-usage', 'the arguments are no JSON object', {
    hint: `--args '{"name": "value"}'; at most ${MOST_OF_CALL / 1024 / 1024} MB`,
  });
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Said by what it is not, above.
    return undefined;
  }
};

const tell = (terminal: Terminal, answer: ToolAnswer): void => {
  const { text, more, refused, ...rest } = answer;
  const value = more === 0 ? jsonIn(text) : undefined;
  const said = value === undefined ? { text, more } : { [refused ? 'error' : 'result']: value };
  terminal.facts(wordsIn(answer, value), { ...rest, ...said });
  for (const { reason } of answer.declined) terminal.say(oneLine(reason));
  if (more > 0) terminal.say(`cut off: ${more} more characters`);
};

/** The texts of a result as a person reads them, and of anything else what it is. */
const wordsIn = ({ text, refused }: ToolAnswer, value: unknown): string => {
  if (refused) return '';
  const content = memberOf(value, 'content');
  if (!Array.isArray(content) || content.length === 0) return text;
  return content.map(blockWords).join('\n');
};

const blockWords = (block: unknown): string => {
  const text = memberOf(block, 'text');
  if (typeof text === 'string') return text;
  const [type, mimeType, data] = ['type', 'mimeType', 'data'].map((name) => memberOf(block, name));
  if (typeof data !== 'string') return JSON.stringify(block);
  // Base64: three bytes in four characters.
  return `[${String(type)}, ${String(mimeType)}, ${bytesText(Math.floor(data.length * 0.75))}]`;
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const failed = ({ refused, text }: ToolAnswer): ProblemError => {
  const why = refused ? memberOf(jsonIn(text), 'message') : undefined;
  return new Told(
    'server-trouble',
    typeof why === 'string'
      ? `the server refused: ${oneLine(why)}`
      : 'the tool says that it failed',
  );
};

const givenUp = (): Interrupted =>
  new Interrupted('call-given-up', 'the call was given up before it was answered', {
    hint: 'the server was told to stop; what it had begun may have been done',
  });
