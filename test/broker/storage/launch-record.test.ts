/** What is remembered of how Drawbridge was started? */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { forgetLaunch, rememberLaunch } from '../../../broker/storage/launch-record.ts';
import { makeFolder } from '../../doubles/folder.ts';

const launch = { program: '/opt/drawbridge', args: ['serve', '--port', '4000'] };

it('is how to do it again, in a file of its owner, without what is secret in the environment', async () => {
  using folder = makeFolder();
  await rememberLaunch(folder.path, launch, {
    PATH: '/usr/bin',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
    HTTPS_PROXY: 'http://anna:canary-password@proxy.example:3128',
    http_proxy: 'http://proxy.example:3128',
    DRAWBRIDGE_PASSPHRASE: 'canary-passphrase',
    OPENAI_API_KEY: 'canary-key',
    NODE_OPTIONS: '--inspect',
  });
  expect(JSON.parse(await readFile(folder.of('launch.json'), 'utf8'))).toEqual({
    ...launch,
    env: {
      PATH: '/usr/bin',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
      http_proxy: 'http://proxy.example:3128',
    },
  });
  expect(folder.modeOf('launch.json')).toBe('600');
  await forgetLaunch(folder.path);
  await forgetLaunch(folder.path);
  expect(folder.names()).toEqual([]);
});
