/** One click on a machine with a screen: the person's own browser opens, once, on the page to sign in at. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { reachBroker } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { runDrawbridge, until } from './running-drawbridge.ts';

it.skipIf(process.platform !== 'linux')(
  'opens the browser once, however often it is clicked',
  async () => {
    await using undo = new AsyncDisposableStack();
    const desktop = await mkdtemp(path.join(tmpdir(), 'drawbridge-desktop-'));
    undo.defer(() => rm(desktop, { recursive: true, force: true }));
    const [browser, opened] = [path.join(desktop, 'browser'), path.join(desktop, 'opened')];
    await writeFile(browser, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${opened}'\n`);
    await chmod(browser, 0o700);
    const signInService = undo.use(await startAuthorizationServer());
    const server = undo.use(await startMcpServer({ authorizationServer: signInService }));
    const drawbridge = undo.use(
      await runDrawbridge({
        // No display answers there; it is only asked whether there is one.
        env: {
          ...{ DISPLAY: ':99', BROWSER: browser, XDG_CURRENT_DESKTOP: '' },
          // Where no other browser is installed.
          ...{ HOME: desktop, XDG_DATA_HOME: desktop, XDG_DATA_DIRS: desktop },
          ...{ XDG_CONFIG_HOME: desktop, XDG_CONFIG_DIRS: desktop },
        },
      }),
    );
    await drawbridge.run('add', server.url, '--id', 'there');
    const client = createControlClient(await reachBroker(drawbridge.dataFolder, 'window'));
    const addresses = async () =>
      (await readFile(opened, 'utf8').catch(() => '')).trim().split('\n');

    const key = { server: 'there', account: 'default' };
    await Promise.all([client.signIn(key, {}), client.signIn(key, {}), client.signIn(key, {})]);
    const [address] = await until(
      async () => ((await addresses())[0] === '' ? undefined : addresses()),
      10_000,
      'the browser',
    );
    await consentByScript(address ?? '');

    const account = await until(
      async () => {
        const [there] = (await drawbridge.snapshot()).servers;
        return there?.accounts[0]?.state === 'signed-in' ? there.accounts[0] : undefined;
      },
      5_000,
      'the sign-in',
    );
    expect(account.renewable).toBe(true);
    expect(await addresses()).toEqual([expect.stringContaining(signInService.issuer)]);
  },
);
