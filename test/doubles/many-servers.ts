/** As much as one person is ever likely to have: servers with two accounts each, twenty AI clients, and rules for them. */
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';

const HOUR = 3_600_000;

export const manyServers = (count: number): Snapshot => ({
  revision: 1,
  version: 'test',
  vault: { kind: 'keychain', state: 'open' },
  doors: { http: 'http://127.0.0.1:7420', keys: aiClients.map(keyOf) },
  activity: { revision: 1, lastAt: Date.now() },
  rules: aiClients.map((aiClient, place) => ({
    id: idOf(place),
    aiClient,
    server: `server-${place}`,
    deny: ['delete_*', 'drop_?'],
  })),
  notices: [],
  servers: Array.from({ length: count }, (_one, place) => serverAt(place)),
});

const aiClients = Array.from({ length: 20 }, (_one, place) => `AI client ${place}`);

const idOf = (place: number): string => (0x1000000000 + place).toString(16);

const keyOf = (aiClient: string, place: number) => ({
  ...{ id: idOf(place), aiClient },
  ...{ madeAt: Date.now() - place * HOUR, usedAt: Date.now() - place * 60_000 },
});

const serverAt = (place: number): ServerView => ({
  id: `server-${place}`,
  kind: 'mcp',
  title: `Server ${place}`,
  url: `https://mcp.server-${place}.example/mcp`,
  signIn: { hasClientSecret: false, hasClientKey: false },
  accounts: [accountAt('default', place), accountAt('work', place)],
  defaultAccount: 'default',
  lastCallAt: Date.now() - place * 60_000,
  usedBy: ['Claude', 'Cursor', 'AI client 3'],
});

const accountAt = (id: string, place: number): AccountView => ({
  ...{ id, label: `ada-${place}@${id}.example`, state: 'signed-in' },
  ...{ since: Date.now() - HOUR, lastSignIn: {}, renewable: true },
  expiresAt: Date.now() + HOUR + place * 60_000,
  renewsAt: Date.now() + HOUR / 2 + place * 60_000,
  scopes: ['openid', 'offline_access', 'issues:read', 'issues:write'],
  issuer: `https://login.server-${place}.example`,
});
