/** Has a server another authorization server than the one its grant is from? Only its own word counts (A21). */
import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { hasMoved } from '../../../broker/tokens/has-moved.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { unreachableOrigin } from '../../servers/odd-servers.ts';

const net = createNet(createVirtualClock());
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const ours = (origin: string) => `${origin}/ours`;
const metadata = (issuer: string): Sheet => ({ body: { issuer, token_endpoint: `${issuer}/t` } });

const isMoved = (origin: string, issuer: string): Promise<boolean> =>
  hasMoved(
    fetch,
    { url: new URL(origin), isIdentityProvider: false },
    { metadata: { issuer, token_endpoint: `${issuer}/t` } },
  );

const moved = async (sheets: (origin: string) => Readonly<Record<string, Sheet>>) => {
  await using paper = await startPaperServer((origin) => ({
    '/mcp': { status: 401 },
    '/.well-known/oauth-authorization-server/ours': metadata(ours(origin)),
    '/.well-known/oauth-authorization-server/theirs': metadata(`${origin}/theirs`),
    ...sheets(origin),
  }));
  return await isMoved(`${paper.origin}/mcp`, ours(paper.origin));
};

const naming =
  (...names: string[]) =>
  (origin: string): Readonly<Record<string, Sheet>> => ({
    '/.well-known/oauth-protected-resource/mcp': {
      body: { resource: origin, authorization_servers: names.map((name) => `${origin}/${name}`) },
    },
  });

describe('a server', () => {
  it.each([
    ['that names another authorization server has moved', naming('theirs'), true],
    ['that names the same one has not', naming('ours'), false],
    ['that still names it among others has not', naming('theirs', 'ours'), false],
    ['that names one nobody knows has not: that cannot be signed in to', naming('gone'), false],
    [
      'in trouble has not',
      () => ({ '/.well-known/oauth-protected-resource/mcp': { status: 503 } }),
      false,
    ],
  ] as const)('%s', async (_name, sheets, expected) => {
    expect(await moved(sheets)).toBe(expected);
  });

  it('that cannot be reached has not moved', async () => {
    expect(await isMoved(await unreachableOrigin(), 'https://issuer.example')).toBe(false);
  });

  it('whose documents are gone for a moment has not moved', async () => {
    expect(await moved(() => ({}))).toBe(false);
  });
});
