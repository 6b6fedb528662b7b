/** `drawbridge serve` */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../broker/system-clock.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { tellOfApprovals } from '../approval-news.ts';
import type { Command, Invocation } from '../command.ts';
import { createKeychain } from '../keychain.ts';
import { createOpener, hasBrowser } from '../open-browser.ts';
import { passphraseHelp, passphraseOptions, readPassphrase } from '../passphrase.ts';
import { readPort } from '../read-port.ts';
import { shimStart } from '../shim-start.ts';
import { tellOfVault } from '../vault-news.ts';
import { version } from '../version.ts';

export const serve: Command = {
  usage: 'serve',
  summary: 'run Drawbridge without its own window, until it is stopped',
  help: [
    '',
    '  --port <port>              of the window in the browser (default: the last one, or any that is free)',
    '  --open                     open the window in the browser, or print its link where there is none',
    ...passphraseHelp('seal the vault with', ' instead of a keychain key'),
    '  --supervised               something else starts it again when it has died (systemd, launchd): AI clients do not',
    '  --client-document <url>    where the client metadata document of Drawbridge is published (https)',
    '',
    'The passphrase may also be in DRAWBRIDGE_PASSPHRASE, the least private way: every process of yours can look it up.',
    'With --json the first line on stdout tells where it listens: {"window": "...", "link": "...", "door": "..."}.',
  ],
  words: [0, 0],
  options: {
    port: { type: 'string' },
    open: { type: 'boolean' },
    supervised: { type: 'boolean' },
    ...passphraseOptions,
    'client-document': { type: 'string' },
  },
  run: async (invocation) => {
    const { option, flag, terminal, dataFolder, passphraseInEnvironment } = invocation;
    const port = readPort(option('port'));
    const passphrase = await readPassphrase(invocation, { inEnvironment: passphraseInEnvironment });
    const clientDocument = readDocumentUrl(option('client-document'));
    const opener = createOpener(dataFolder);
    // No other command waits for all of this to load.
    const { forgetLaunch, openLogFile, rememberLaunch, startBroker } = await import(
      '../../broker/broker.ts'
    );
    const { serveWindow } = await import('../serve-window.ts');
    // Not before: what is loaded there hears of signals as well, and ends the process when it is the last that does.
    const ended = untilStopped();
    const logFolder = path.join(dataFolder, 'log');
    const logFile = openLogFile(logFolder, systemClock);
    const broker = await startBroker(
      {
        dataFolder,
        windowFolder: fileURLToPath(new URL('../renderer', import.meta.url)),
        version: version(),
        host: () => ({ logFolder, shim: shimStart(dataFolder) }),
        ...(passphrase === undefined ? {} : { passphrase }),
        ...(clientDocument === undefined ? {} : { clientDocument }),
      },
      {
        clock: systemClock,
        noBrowser: hasBrowser() ? undefined : true,
        openBrowser: async (address) => void (await opener.open(address)),
        keychain: createKeychain(systemClock),
        // Nobody tells it of sleep and locks but an app that shows it; its timers notice that time has passed.
        onPowerEvent: () => () => undefined,
        writeLog: logFile.write,
        end: ended.now,
      },
    );
    try {
      if (flag('supervised')) await forgetLaunch(dataFolder);
      else await rememberLaunch(dataFolder, launchAgain(option), process.env);
      const window = await serveWindow(broker.web, { port, last: broker.lastWindowPort });
      broker.servesWindowAt(window.origin);
      const link = broker.windowLink();
      const opened = flag('open') && (await opener.openPrivately(new URL(link)));
      terminal.say(
        opened
          ? `Drawbridge runs. Its window opens in your browser; if it does not, this link opens it once:\n${link}`
          : `Drawbridge runs. Open its window with this link, which works once, for ten minutes:\n${link}`,
      );
      terminal.facts('', { window: window.origin, link, door: broker.snapshot().doors.http });
      // Not before the facts: a script that waits for those need not wait for the vault.
      const telling = [tellOfVault(broker, terminal), tellOfApprovals(broker, terminal)];
      await ended.wait;
      for (const stop of telling) stop();
      terminal.say('stopping ...');
      await window.close();
    } finally {
      await broker.stop();
      await opener.close();
      logFile.close();
    }
  },
};

const untilStopped = (): { readonly wait: Promise<void>; readonly now: () => void } => {
  const { promise: wait, resolve: now } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => now());
  return { wait, now };
};

/** What holds beyond one start; a passphrase from elsewhere than a file has to be given again, in the window. */
const launchAgain = (option: Invocation['option']) => {
  const [, script = ''] = process.argv;
  const kept = (['port', 'client-document'] as const).map((name) => [name, option(name)] as const);
  const file = option('passphrase-file');
  const all = [...kept, ['passphrase-file', file && path.resolve(file)] as const];
  return {
    program: process.execPath,
    args: [script, 'serve', ...all.flatMap(([name, value]) => (value ? [`--${name}`, value] : []))],
  };
};

/** It is the client id as well, so it is kept to the letter (A17). */
const readDocumentUrl = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.pathname !== '/' && url.hash === '') return text;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} cannot be a client document`, {
    hint: 'an address that begins with https:// and has a path',
  });
};
