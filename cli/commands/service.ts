/** `drawbridge service` */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command, Invocation } from '../command.ts';
import { fullPath } from '../full-path.ts';
import { readPort } from '../read-port.ts';
import { type Place, type Service, services, type Wish } from '../service/service.ts';

export const service: Command = {
  usage: 'service <install|remove|print>',
  summary: 'have the daemon run whenever you are logged in (systemd, launchd)',
  help: [
    '',
    '  install  write the unit of systemd or the agent of launchd, for you alone, and start it',
    '  remove   stop it and take it away; servers and sign-ins stay',
    '  print    only show what install would write',
    '',
    '  --port <port>             of the window in the browser (default: any free one)',
    '  --passphrase-file <file>  what the vault is sealed with, where there is no keychain',
  ],
  words: [1, 1],
  options: { port: { type: 'string' }, 'passphrase-file': { type: 'string' } },
  run: async (invocation) => {
    const [deed = ''] = invocation.words;
    if (!Object.hasOwn(deeds, deed))
      throw new ProblemError('bad-usage', `there is no drawbridge service ${deed}`, {
        hint: 'install, remove or print',
      });
    const kind = services[process.platform];
    if (kind === undefined)
      throw new ProblemError('bad-usage', 'this system has no service that Drawbridge knows', {
        hint: 'the desktop app starts when you log in, if you want that',
      });
    await deeds[deed as keyof typeof deeds](kind, invocation);
  },
};

const deeds = {
  print: async (kind: Service, { terminal, ...invocation }: Invocation) => {
    const file = kind.file(place());
    const text = kind.text(wishOf(invocation));
    terminal.facts(text.trimEnd(), { file, text });
  },
  install: async (kind: Service, { terminal, ...invocation }: Invocation) => {
    const file = kind.file(place());
    const text = kind.text(wishOf(invocation));
    // One that runs from before would go on as it was.
    if (existsSync(file)) await attempt(kind.stop(place(), file)).catch(() => undefined);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
    await attempt(kind.start(place(), file)).catch((error: unknown) => {
      throw new ProblemError('internal', `${file} is written, but could not be started`, {
        hint: kind
          .start(place(), file)
          .map((words) => words.join(' '))
          .join(' && '),
        cause: error,
      });
    });
    terminal.facts(`${file} is written and started. ${kind.afterwards}`, { file });
  },
  remove: async (kind: Service, { terminal }: Invocation) => {
    const file = kind.file(place());
    if (!existsSync(file))
      throw new ProblemError('not-found', 'there is no service of Drawbridge to remove');
    // It may have been stopped by hand before.
    await attempt(kind.stop(place(), file)).catch(() => undefined);
    rmSync(file);
    terminal.facts(`${file} is gone; servers and sign-ins stay`, { file });
  },
} as const;

const place = (): Place => ({
  home: homedir(),
  user: process.getuid?.() ?? 0,
  env: process.env,
});

const wishOf = ({ option, dataFolder }: Pick<Invocation, 'option' | 'dataFolder'>): Wish => {
  const [, script = ''] = process.argv;
  const port = readPort(option('port'));
  const passphraseFile = fullPath(option('passphrase-file'));
  const chosen = process.env['DRAWBRIDGE_DATA_DIR'];
  return {
    command: [
      ...[process.execPath, path.resolve(script), 'serve', '--supervised'],
      ...(port === undefined ? [] : ['--port', String(port)]),
      ...(passphraseFile ? ['--passphrase-file', passphraseFile] : []),
    ],
    // The service does not see the variables of this terminal.
    variables: chosen ? { DRAWBRIDGE_DATA_DIR: dataFolder } : {},
  };
};

const run = promisify(execFile);

const attempt = async (commands: readonly (readonly [string, ...string[]])[]): Promise<void> => {
  for (const [program, ...args] of commands) await run(program, args, { timeout: 30_000 });
};
