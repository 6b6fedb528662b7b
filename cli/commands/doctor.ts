/** `drawbridge doctor <server>` */
import { writeFile } from 'node:fs/promises';
import type { Check, DoctorReport, Verdict } from '../../shared/contract/doctor.ts';
import { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const doctor: Command = {
  usage: 'doctor <server>',
  summary: 'look at how a server is set up, and say what would mend it',
  help: [
    '',
    '  --report <file>  write all of it to a file that can be handed on: it has no secrets',
    '',
    'Takes the id of a server, or the address of one that was not added. Nobody is signed in; a program is started.',
  ],
  words: [1, 1],
  options: { report: { type: 'string' } },
  run: async ({ words: [named = ''], option, terminal, control }) => {
    const client = await control();
    const report = await (ServerId.safeParse(named).success
      ? client.examine({ server: named }).catch(addressHint)
      : client.examine({ url: named }));
    const file = option('report');
    if (file !== undefined) await write(file, report);
    terminal.facts(words(report), report);
    if (file !== undefined) terminal.say(`written to ${file}`);
  },
};

/** The name of a host alone reads like an id. */
const addressHint = (error: unknown): never => {
  if (!(error instanceof ProblemError) || error.code !== 'not-found') throw error;
  throw new ProblemError('not-found', error.message, {
    hint: 'drawbridge list shows the ones there are; an address begins with https://, or http:// on this machine',
  });
};

const marks: Readonly<Record<Check['tone'], string>> = { good: 'ok', attention: '!!', bad: 'XX' };

const verdicts: Readonly<Record<Verdict, string>> = {
  ready: 'nothing stands in the way of a sign-in',
  'needs-you': 'something is left for you to do',
  'try-later': 'it cannot be told now: try again later',
  broken: 'a sign-in cannot work as it is',
};

/** Of a program that is run here. */
const verdictsOfProgram: Readonly<Record<Verdict, string>> = {
  ...verdicts,
  ready: 'it runs as it should',
  broken: 'it does not run as it is',
};

/** Of a server that nobody signs in to. */
const verdictsOfCredential: Readonly<Record<Verdict, string>> = {
  ...verdicts,
  ready: 'its credential is in order',
  broken: 'its credential does not work as it is',
};

const wordsFor = ({
  url,
  credential,
  verdict,
}: Pick<DoctorReport, 'url' | 'credential' | 'verdict'>): string => {
  if (url.startsWith('local:')) return verdictsOfProgram[verdict];
  return (credential ? verdictsOfCredential : verdicts)[verdict];
};

const words = ({ checks, verdict, url, credential }: DoctorReport): string =>
  [
    ...checks.flatMap(({ tone, text, hint }) => [
      `${marks[tone]}  ${oneLine(text)}`,
      ...(hint === undefined ? [] : [`      ${oneLine(hint)}`]),
    ]),
    wordsFor({ url, credential, verdict }),
  ].join('\n');

const write = async (file: string, report: DoctorReport): Promise<void> => {
  try {
    await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (cause) {
    throw new ProblemError('bad-usage', `the file ${JSON.stringify(file)} cannot be written`, {
      cause,
    });
  }
};
