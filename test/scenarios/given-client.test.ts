/** A server that registers nobody by itself: the operator gives a client id, and the person types it in. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { unreachableOrigin } from '../servers/odd-servers.ts';
import { aiClients } from './ai-clients.ts';
import { runDrawbridge } from './running-drawbridge.ts';

it('works with the id, the secret and the port that the operator was told, and the secret is only in the vault', async () => {
  const port = new URL(await unreachableOrigin()).port;
  const secret = 'fake-secret-of-the-operator';
  await using signInService = await startAuthorizationServer({
    clients: [
      {
        client_id: 'given-to-ada',
        client_secret: secret,
        redirect_uris: [`http://127.0.0.1:${port}/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        application_type: 'native',
      },
    ],
  });
  signInService.misbehave.metadata('no-registration');
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  await drawbridge.run('add', server.url, '--id', 'bare');
  await expect(drawbridge.signIn('bare')).rejects.toThrow(
    /with the redirect http:\/\/127\.0\.0\.1:\d+\/callback, then .* drawbridge configure bare --client-id <id> --redirect <address>/,
  );
  await drawbridge.run('remove', 'bare');

  const file = path.join(drawbridge.dataFolder, 'typed-secret');
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  const added = await drawbridge.run(
    ...['add', server.url, '--id', 'there', '--client-id', 'given-to-ada'],
    ...['--client-secret-file', file, '--callback-port', port],
  );
  expect(added).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
  await drawbridge.signIn('there');
  await using client = await aiClients['SDK 1.x over the shim']?.(drawbridge, 'there');

  expect(await client?.call('add', { a: 4, b: 5 })).toContain('9');
  expect(signInService.count({ endpoint: 'registration' })).toBe(0);
  const shown = JSON.stringify(await drawbridge.snapshot()) + drawbridge.printed();
  expect(shown).not.toContain(secret);
});

it('works where the service describes nothing, and its secret is read where it stands each time', async () => {
  const port = new URL(await unreachableOrigin()).port;
  const secret = 'canary-secret-in-a-file';
  await using signInService = await startAuthorizationServer({
    clients: [
      {
        client_id: 'given-to-ada',
        client_secret: secret,
        redirect_uris: [`http://127.0.0.1:${port}/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        application_type: 'native',
      },
    ],
  });
  const described = await fetch(`${signInService.issuer}/.well-known/openid-configuration`);
  const { authorization_endpoint: page = '', token_endpoint: tokens = '' } =
    (await described.json()) as Record<string, string>;
  signInService.misbehave.metadata('missing');
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  const file = path.join(drawbridge.dataFolder, 'typed-secret');
  await writeFile(file, secret, { mode: 0o600 });
  const added = await drawbridge.run(
    ...['add', server.url, '--id', 'bare', '--client-id', 'given-to-ada', '--callback-port', port],
    ...['--authorize-url', page, '--token-url', tokens, '--client-secret-from', `\${file:${file}}`],
    ...[
      '--scope',
      'mcp:read',
      '--scope',
      'mcp:tools',
      '--scope',
      'offline_access',
      '--allow',
      'pkce-unadvertised',
    ],
  );
  expect(added).toMatchObject({ code: 0 });
  await drawbridge.signIn('bare');
  await using client = await aiClients['SDK 1.x over the shim']?.(drawbridge, 'bare');
  expect(await client?.call('add', { a: 4, b: 5 })).toContain('9');

  await rm(file);
  const without = await drawbridge.run('renew', 'bare');
  expect([without.code, without.stderr]).toEqual([
    1,
    expect.stringContaining('(reference-unresolved)'),
  ]);
  expect(signInService.count({ grantType: 'refresh_token' })).toBe(0);
  await writeFile(file, secret, { mode: 0o600 });
  expect(await drawbridge.run('renew', 'bare')).toMatchObject({ code: 0 });
  expect(signInService.count({ grantType: 'refresh_token', status: 200 })).toBeGreaterThan(0);
  expect(await client?.call('add', { a: 1, b: 1 })).toContain('2');
  expect(JSON.stringify(await drawbridge.snapshot()) + drawbridge.printed()).not.toContain(secret);
});
