/** `drawbridge serve` */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLogFile, startBroker, systemClock } from '../../broker/broker.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';
import { createKeychain } from '../keychain.ts';
import { hasBrowser, openBrowser } from '../open-browser.ts';
import { serveWindow } from '../serve-window.ts';
import { version } from '../version.ts';

export const serve: Command = {
  usage: 'serve',
  summary: 'run Drawbridge without its own window, until it is stopped',
  help: [
    '',
    '  --port <port>              of the window in the browser (default: any free one)',
    '  --open                     open the window in the browser, or print its link where there is none',
    '  --passphrase-file <file>   seal the vault with the first line of this file instead of a keychain key',
    '',
    'With --json the first line on stdout tells where it listens: {"window": "...", "link": "...", "door": "..."}.',
  ],
  words: [0, 0],
  options: {
    port: { type: 'string' },
    open: { type: 'boolean' },
    'passphrase-file': { type: 'string' },
  },
  run: async ({ option, flag, terminal, dataFolder }) => {
    const passphrase = await readPassphrase(option('passphrase-file'));
    const port = readPort(option('port'));
    const logFile = openLogFile(path.join(dataFolder, 'log'), systemClock);
    const broker = await startBroker(
      {
        dataFolder,
        windowFolder: fileURLToPath(new URL('../renderer', import.meta.url)),
        version: version(),
        ...(passphrase === undefined ? {} : { passphrase }),
      },
      {
        clock: systemClock,
        noBrowser: hasBrowser() ? undefined : true,
        openBrowser: async (address) => void (await openBrowser(address)),
        keychain: createKeychain(systemClock),
        // A daemon is told nothing of sleep and locks; its timers notice by themselves that time has passed.
        onPowerEvent: () => () => undefined,
        writeLog: logFile.write,
      },
    );
    try {
      const window = await serveWindow(broker.web, port);
      broker.servesWindowAt(window.origin);
      const link = broker.windowLink();
      const opened = flag('open') && (await openBrowser(new URL(link)));
      terminal.say(
        opened
          ? 'Drawbridge runs. Its window opens in your browser.'
          : `Drawbridge runs. Open its window with this link, which works once:\n${link}`,
      );
      terminal.facts('', { window: window.origin, link, door: broker.snapshot().doors.http });
      await untilStopped();
      terminal.say('stopping ...');
      await window.close();
    } finally {
      await broker.stop();
      logFile.close();
    }
  },
};

const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve());
  });

const readPassphrase = async (file: string | undefined): Promise<string | undefined> => {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError(
      'bad-usage',
      `the passphrase file ${JSON.stringify(file)} cannot be read`,
      { cause },
    );
  });
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase !== '') return passphrase;
  throw new ProblemError('bad-usage', `the first line of ${JSON.stringify(file)} is empty`);
};

const readPort = (text: string | undefined): number => {
  if (text === undefined) return 0;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} is not a port`, {
    hint: 'a number from 1 to 65535',
  });
};
