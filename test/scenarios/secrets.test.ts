/** Every secret that was really issued, looked for in every place where none may be. */

import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { reachBroker } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import { filesIn } from '../doubles/files-in.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { aiClients } from './ai-clients.ts';
import { runDrawbridge, until } from './running-drawbridge.ts';

/** The vault file and the copy before its last save: sealed, and looked through all the same. */
const textsIn = async (folder: string): Promise<Map<string, string>> => {
  const files = [...(await filesIn(folder))];
  return new Map(files.map(([file, bytes]) => [file, bytes.toString('latin1')]));
};

/** Arguments and environment of every process whose arguments or environment name the data folder. */
const processesOf = async (dataFolder: string): Promise<Map<string, string>> => {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    ids.map(async (id) => {
      const parts = await Promise.all(
        ['cmdline', 'environ'].map((name) =>
          readFile(`/proc/${id}/${name}`, 'latin1').catch(() => ''),
        ),
      );
      return [`process ${id}`, parts.join('\n')] as const;
    }),
  );
  return new Map(texts.filter(([, text]) => text.includes(dataFolder)));
};

it('appear in no log, snapshot, event, file, argument, environment or error', {
  timeout: 60_000,
}, async () => {
  await using signInService = await startAuthorizationServer({ accessTokenSeconds: 4 });
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  const places = new Map<string, string>();
  const look = async (when: string): Promise<void> => {
    for (const [file, text] of await textsIn(drawbridge.dataFolder))
      places.set(`${file} ${when}`, text);
    for (const [name, text] of await processesOf(drawbridge.dataFolder))
      places.set(`${name} ${when}`, text);
  };

  await drawbridge.run('add', server.url, '--id', 'there');
  const watching = new AbortController();
  const client = createControlClient(await reachBroker(drawbridge.dataFolder, 'window'));
  let events = '';
  const watched = (async () => {
    for await (const snapshot of client.snapshots(watching.signal))
      events += JSON.stringify(snapshot);
  })().catch(() => undefined);

  await drawbridge.signIn('there');
  for (const open of Object.values(aiClients)) {
    await using aiClient = await open(drawbridge, 'there');
    await aiClient.call('add', { a: 1, b: 1 });
    await look('while called');
  }
  const renewals = () =>
    signInService.count({ endpoint: 'token', grantType: 'refresh_token', status: 200 });
  await until(() => (renewals() >= 1 ? true : undefined), 15_000, 'a renewal');
  // Failures are where secrets leak: of the server, of the sign-in service, of the person.
  signInService.misbehave.token('waf-page', { times: 1 });
  await drawbridge
    .run('list', '--json')
    .then(({ stdout, stderr }) => places.set('list', stdout + stderr));
  await until(() => (renewals() >= 2 ? true : undefined), 20_000, 'recovery');
  signInService.revokeAll();
  const refused = await until(
    async () => {
      const outcome = await drawbridge.run('token', 'there');
      return outcome.code === 0 ? undefined : outcome;
    },
    20_000,
    'the end of the sign-in',
  );
  places.set('refused token', refused.stdout + refused.stderr);
  places.set('failing renewal', JSON.stringify(await drawbridge.run('list')));
  await look('after failures');
  places.set('activity', JSON.stringify(await drawbridge.run('activity', '--json')));
  places.set('sign-out', JSON.stringify(await drawbridge.run('sign-out', 'there')));
  await look('after signing out');
  watching.abort();
  await watched;
  places.set('events', events).set('printed by the daemon', drawbridge.printed());

  const needles = signInService.needles();
  const found = [...places].flatMap(([place, text]) =>
    needles.filter((needle) => text.includes(needle)).map(() => place),
  );

  expect(signInService.issued().length).toBeGreaterThan(6);
  expect(places.size).toBeGreaterThan(20);
  expect(events).toContain('signed-in');
  expect(found).toEqual([]);
});
