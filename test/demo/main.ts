/** The main job as a story, on real parts: each line is told only after it was seen to happen. */

import { aiClients } from '../scenarios/ai-clients.ts';
import { type RunningDrawbridge, runDrawbridge, until } from '../scenarios/running-drawbridge.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';

const TOKEN_SECONDS = 20;
const began = Date.now();

const tell = (text: string): void => {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

const expect = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`this did not happen: ${what}`);
};

const callEverywhere = async (drawbridge: RunningDrawbridge, when: string): Promise<void> => {
  for (const [name, open] of Object.entries(aiClients)) {
    await using client = await open(drawbridge, 'demo');
    const tools = await client.tools();
    const sum = await client.call('add', { a: 19, b: 23 });
    expect(sum.includes('42'), `${name} got 42 from the tool add, ${when}`);
    tell(`${name}: ${tools.length} tools, 19 + 23 = ${sum}`);
  }
};

const story = async (): Promise<void> => {
  await using signInService = await startAuthorizationServer({ accessTokenSeconds: TOKEN_SECONDS });
  await using server = await startMcpServer({ authorizationServer: signInService });
  tell(
    `an authorization server runs at ${signInService.issuer}; its access tokens live ${TOKEN_SECONDS} s`,
  );
  tell(`an MCP server that wants a sign-in runs at ${server.url}`);

  await using drawbridge = await runDrawbridge();
  const { door } = drawbridge.listening();
  tell(`Drawbridge runs; its HTTP door is ${door}`);
  tell(
    drawbridge.keychain
      ? 'its vault key is in the keychain'
      : 'no keychain here: a passphrase seals its vault',
  );

  const added = await drawbridge.run('add', server.url, '--id', 'demo');
  expect(added.code === 0, `drawbridge add: ${added.stderr}`);
  tell(`added: ${added.stderr.trim().split('\n').slice(1, -1).join('; ')}`);

  await drawbridge.signIn('demo');
  const account = await state(drawbridge);
  expect(account.state === 'signed-in', `signed in, not ${account.state}`);
  tell('signed in; the script pressed Allow on the consent page');

  await callEverywhere(drawbridge, 'after the sign-in');

  for (const time of ['once', 'twice']) {
    const before = (await state(drawbridge)).expiresAt ?? 0;
    const renewed = await until(
      async () => {
        const { expiresAt = 0 } = await state(drawbridge);
        return expiresAt > before && Date.now() > before ? expiresAt : undefined;
      },
      TOKEN_SECONDS * 2000,
      'a renewal ahead of the end of the token',
    );
    expect(renewed > Date.now(), 'the new token lives');
    tell(`the access token ran out ${time}; it had been renewed ahead of that`);
  }
  await callEverywhere(drawbridge, 'after two lapses');
  const refreshes = signInService.count({
    endpoint: 'token',
    grantType: 'refresh_token',
    status: 200,
  });
  const refused = signInService.seen.filter(
    ({ endpoint, status }) => endpoint === 'token' && (status ?? 0) >= 400,
  ).length;
  expect(
    refreshes >= 2 && refused === 0,
    `at least 2 renewals and none refused, not ${refreshes} and ${refused}`,
  );
  tell(`the authorization server counted ${refreshes} renewals, none refused, and 1 sign-in`);

  await drawbridge.stop('SIGKILL');
  tell('Drawbridge was killed');
  await drawbridge.start();
  const restored = await until(
    async () => ((await state(drawbridge)).state === 'signed-in' ? true : undefined),
    10_000,
    'everybody to be signed in after the restart',
  );
  expect(restored, 'signed in after the restart');
  tell('Drawbridge was started again; everybody is still signed in');
  await callEverywhere(drawbridge, 'after the restart');
  expect(
    signInService.count({ endpoint: 'token', grantType: 'authorization_code' }) === 1,
    'one sign-in in all',
  );
  tell('one sign-in in all');
};

const state = async (drawbridge: RunningDrawbridge) => {
  const { servers } = await drawbridge.snapshot();
  const account = servers[0]?.accounts[0];
  if (account === undefined) throw new Error('the server is gone');
  return account;
};

try {
  await story();
  tell('the demo is over; everything it started is stopped');
} catch (error) {
  tell(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
