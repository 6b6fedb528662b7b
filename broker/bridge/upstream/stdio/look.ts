/** Does a local server run, and what does it say of itself? It is started for this, and ended again. */
import { commandLine } from '../../../../shared/command-line.ts';
import type { Check } from '../../../../shared/contract/doctor.ts';
import type { LocalCommand } from '../../../../shared/contract/local-server.ts';
import { type Problem, ProblemError } from '../../../../shared/contract/problems.ts';
import { plainText } from '../../../../shared/plain-text.ts';
import type { Clock } from '../../../ports.ts';
import { readIdentity } from '../../catalogue/identity.ts';
import { LEGACY } from '../../eras/versions.ts';
import { messageOf } from '../../leg.ts';
import type { Legs } from '../../legs.ts';
import type { Target } from '../../target.ts';
import type { Programs } from './programs.ts';

export interface LookDeps {
  readonly legs: Pick<Legs, 'to' | 'known'>;
  readonly programs: Pick<Programs, 'failed' | 'forgive' | 'lastWords'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly version: string;
}

/** It may have to be fetched first, ms. */
const LONGEST_MS = 60_000;
const MOST_WORDS = 8;

/** What there is to say, in order. Never rejects for what is wrong with the program. */
export const lookAt = async (
  { legs, programs, clock, version }: LookDeps,
  target: Target,
  command: LocalCommand,
): Promise<Check[]> => {
  const { server } = target.upstream.key;
  // Whoever asks may have mended it.
  programs.forgive(server);
  const { name, problem } = await new Promise<Seen>((resolve) => {
    const leg = legs.to(target, 'legacy')(() => undefined);
    const end = (seen: Seen): void => {
      stopWaiting();
      leg.close();
      resolve(seen);
    };
    const stopWaiting = clock.after(LONGEST_MS, () => end({ problem: tooSlow(target.title) }));
    let seen: Seen = {};
    leg.say(initialize(version), {
      message: (json, peeked) => {
        if (peeked.method !== undefined) return;
        const identity = readIdentity(json);
        const called = identity?.serverInfo?.['name'];
        seen =
          identity === undefined ? { problem: refuses(target.title) } : { name: nameOf(called) };
      },
      done: ({ problem: failure }) =>
        end(failure === undefined ? seen : { problem: failure.problem }),
    });
  });
  if (problem !== undefined) programs.failed(server, problem);
  const isModern = legs.known(target, 'legacy') === 'translated';
  return [
    good(`it is run by: ${plainText(commandLine(command), 1000)}`),
    good(
      command.processes === 'shared'
        ? 'all AI clients share one process'
        : 'each AI client has a process of its own',
    ),
    ...(name === undefined ? [] : [good(`it runs, and calls itself ${JSON.stringify(name)}`)]),
    ...(name === undefined || !isModern ? [] : [good('it speaks the newest protocol')]),
    ...(problem === undefined ? [] : [bad(problem)]),
    ...programs
      .lastWords(server)
      .slice(-MOST_WORDS)
      .map((line) => ({
        tone: problem === undefined ? ('good' as const) : ('attention' as const),
        text: `on its error output: ${line}`,
      })),
  ];
};

interface Seen {
  readonly name?: string;
  readonly problem?: Problem;
}

const nameOf = (name: unknown): string => plainText(typeof name === 'string' ? name : 'nothing');

const good = (text: string): Check => ({ tone: 'good', text });

const bad = ({ code, message: text, hint }: Problem): Check => ({
  ...{ tone: 'bad', code, text },
  ...(hint === undefined ? {} : { hint }),
});

const initialize = (version: string) =>
  messageOf({
    ...{ jsonrpc: '2.0', id: 'drawbridge-doctor', method: 'initialize' },
    params: {
      protocolVersion: LEGACY[0],
      capabilities: {},
      clientInfo: { name: 'drawbridge', version },
    },
  });

const tooSlow = (title: string): Problem =>
  new ProblemError('server-too-slow', `${title} runs, but does not say who it is`).problem;

const refuses = (title: string): Problem =>
  new ProblemError('not-mcp', `${title} runs, but does not answer as an MCP server`).problem;
