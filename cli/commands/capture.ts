/** `drawbridge capture <on|off|show|save|forget>` */
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { captureLines, cutWords, readable } from '../../shared/capture-words.ts';
import type { Captured, CapturedText } from '../../shared/contract/capture.ts';
import { CAPTURE_MS, LONGEST_CAPTURE_MS } from '../../shared/contract/capture.ts';
import type { ControlClient } from '../../shared/contract/client.ts';
import { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command, Invocation } from '../command.ts';
import { durationOf } from '../duration.ts';
import { oneLine } from '../terminal.ts';

interface Deed {
  /** What it takes, for the usage line. */
  readonly takes: string;
  readonly needs: number;
  readonly run: (client: ControlClient, word: string | undefined, how: Invocation) => Promise<void>;
}

const warning = 'arguments and results are kept in memory, without the secrets that are known';

const deeds: Readonly<Record<string, Deed>> = {
  on: {
    takes: '[<server>]',
    needs: 0,
    run: async (client, word, { option, terminal }) => {
      const server = serverOf(word);
      const wished = option('for');
      const forMs = wished === undefined ? CAPTURE_MS : durationOf(wished);
      if (forMs < 1_000 || forMs > LONGEST_CAPTURE_MS)
        throw new ProblemError('bad-usage', '--for takes at most 24h');
      await client.startCapture({ forMs, ...(server === undefined ? {} : { server }) });
      await tellState(client, terminal);
      terminal.say(`hint: ${warning}; drawbridge capture off ends it`);
    },
  },
  off: {
    takes: '[<server>]',
    needs: 0,
    run: async (client, word, { terminal }) => {
      const server = serverOf(word);
      await client.stopCapture(server === undefined ? {} : { server });
      await tellState(client, terminal);
    },
  },
  show: {
    takes: '[<id>]',
    needs: 0,
    run: async (client, word, { terminal }) => {
      if (word === undefined) {
        const reply = await client.allCaptured();
        return terminal.facts(asTable(reply.captured.toReversed()), reply);
      }
      const captured = await client.captured({ id: idOf(word) });
      terminal.facts(asText(captured), captured);
    },
  },
  save: {
    takes: '<file>',
    needs: 1,
    run: async (client, word = '', { terminal }) => {
      const { captured } = await client.allCaptured();
      const file = path.resolve(word);
      await saveTo(file, `${JSON.stringify(captured.toReversed(), null, 2)}\n`);
      const count = captured.length;
      terminal.facts(`saved ${count} ${count === 1 ? 'request' : 'requests'} to ${file}`, {
        file,
        count,
      });
      terminal.say('hint: who reads it reads what was said; remove it when you are done');
    },
  },
  forget: {
    takes: '',
    needs: 0,
    run: async (client, _word, { terminal }) => {
      await client.forgetCaptured({});
      terminal.facts('nothing is kept, and nothing will be', {});
    },
  },
};

export const capture: Command = {
  usage: 'capture <what>',
  summary: 'keep what AI clients and servers say, for a while: on, off, show, save, forget',
  help: [
    '',
    '  on [<server>]    keep arguments and results from now on, of one server or of all',
    '    --for <time>   for 15m unless told, 24h at most; it ends by itself, and when Drawbridge stops',
    '  off [<server>]   end that; what was kept is forgotten an hour later',
    '  show             list the requests of which it is kept',
    '  show <id>        show what was said in one of them',
    '  save <file>      write all of it to a file that only you can read',
    '  forget           end it, and forget what was kept',
    '',
    'It is off unless you turn it on. Long messages are cut, the oldest make room, and nothing is written to the disk but by save.',
    'Secrets that Drawbridge knows, and what is named like one, are taken out; anything else that is said is in it.',
  ],
  words: [1, 2],
  options: { for: { type: 'string' } },
  run: async (invocation) => {
    const [what = '', word] = invocation.words;
    const deed = deedOf(what, word);
    if (invocation.option('for') !== undefined && what !== 'on')
      throw new ProblemError('bad-usage', `capture ${what} takes no --for`);
    await deed.run(await invocation.control(), word, invocation);
  },
};

const deedOf = (what: string, word: string | undefined): Deed => {
  const deed = Object.hasOwn(deeds, what) ? deeds[what] : undefined;
  if (deed === undefined)
    throw new ProblemError('bad-usage', `there is no capture ${JSON.stringify(what)}`, {
      hint: `there are ${Object.keys(deeds).join(', ')}`,
    });
  const isRight = word === undefined ? deed.needs === 0 : deed.takes !== '';
  if (isRight) return deed;
  throw new ProblemError('bad-usage', `usage: drawbridge capture ${what} ${deed.takes}`.trim());
};

const serverOf = (word: string | undefined): ServerId | undefined => {
  if (word === undefined) return undefined;
  const id = ServerId.safeParse(word);
  if (id.success) return id.data;
  throw new ProblemError('not-found', `there is no server "${oneLine(word)}"`, {
    hint: 'drawbridge list shows them',
  });
};

const idOf = (word: string): number => {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new ProblemError('bad-usage', `"${oneLine(word)}" is no id of a request`, {
    hint: 'drawbridge capture show lists them',
  });
};

const tellState = async (
  client: ControlClient,
  terminal: Invocation['terminal'],
): Promise<void> => {
  const { capture: view, servers } = await client.snapshot();
  const lines = captureLines(view ?? { running: [] }, servers, Date.now()).map(oneLine);
  terminal.facts(
    lines.length === 0 ? 'what is said is not kept' : `what is said is kept: ${lines.join('; ')}`,
    view ?? { running: [], holds: false },
  );
};

/** A file that is there is somebody's: it stays as it is. */
const saveTo = async (file: string, text: string): Promise<void> => {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } catch (error) {
      // Half of it would look like all of it.
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new ProblemError(
      'bad-usage',
      isThere ? `${oneLine(file)} is there already` : `${oneLine(file)} cannot be written`,
      { hint: 'choose another file', cause },
    );
  }
};

const asTable = (all: readonly Captured[]): string => {
  if (all.length === 0)
    return 'nothing of what was said is kept so far: drawbridge capture on keeps what comes';
  const rows = all.map(({ entry }) =>
    [
      String(entry.id),
      timeOf(entry.at),
      entry.server,
      entry.aiClient,
      entry.name === undefined ? entry.method : `${entry.method} ${entry.name}`,
    ].map(oneLine),
  );
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  return rows
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
};

const asText = ({ entry, asked, answered }: Captured): string =>
  [
    oneLine(`${entry.aiClient} asked ${entry.server}, ${timeOf(entry.at)}:`),
    ...linesOf(asked),
    '',
    answered === undefined ? 'there was no answer' : 'the answer:',
    ...(answered === undefined ? [] : linesOf(answered)),
  ].join('\n');

const linesOf = (said: CapturedText): string[] => {
  const cut = cutWords(said);
  return [readable(said), ...(cut === undefined ? [] : [`(${cut})`])];
};

const timeOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
