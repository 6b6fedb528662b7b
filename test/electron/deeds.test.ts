/** Every deed of a person, in the app: everything is real, and built as it is shipped, but Electron itself. */
import { expect, it } from 'vitest';
import { type DeedWorld, everyDeed } from '../browser/deeds.ts';
import { chooseInTray } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { appOfTests } from './running-app.ts';
import { endShell, thePage } from './running-shell.ts';

const app = appOfTests();

it.skipIf(!chromiumAvailable())(
  'add, cancel, fail, retry, sign out and back, rename, accounts, connect, call, watch over, set, a new start, and the end of everything',
  { timeout: 120_000 },
  async () => {
    await using signInService = await startAuthorizationServer({ accessTokenSeconds: 600 });
    await using server = await startMcpServer({ authorizationServer: signInService });
    await app.run();
    const opened = async (press: () => Promise<void>): Promise<string> => {
      const before = life().opened.length;
      await press();
      await until(() => expect(life().opened).toHaveLength(before + 1));
      return life().opened.at(-1) ?? '';
    };
    const world: DeedWorld = {
      page: thePage,
      ...{ dataFolder: app.dataFolder, guarded: server.url },
      answer: async (press, answer) => {
        await consentByScript(await opened(press), { deny: answer === 'Deny' });
      },
      leaveOpen: async (press) => void (await opened(press)),
      pause: async () => chooseInTray('Until I resume', 'Pause all calls'),
      restart: async () => {
        await endShell();
        await app.run();
      },
      pageStays: false,
    };
    await everyDeed(world);
    expect(life().errorBoxes).toEqual([]);
  },
);
