/** Protected-resource documents that would have a token made for another server (RFC 9728 section 7.3). */
import type { Attack, Scene } from '../attack.ts';

type Row = readonly [
  name: string,
  resource: (at: Scene) => unknown,
  refusedWith?: Attack['refusedWith'],
];

const rows: readonly Row[] = [
  ['the honest server', (at) => at.honest.url],
  [
    'the honest server, in front of itself as a user name',
    (at) => `http://${new URL(at.honest.origin).host}@127.0.0.1:${at.port}/mcp`,
  ],
  [
    'the host of the honest server under its own',
    (at) => `http://mcp.good.example.127.0.0.1:${at.port}/mcp`,
  ],
  ['itself by https', (at) => `https://127.0.0.1:${at.port}/mcp`],
  ['its host at another port', () => 'http://127.0.0.1/mcp'],
  ['a path that begins like its own', (at) => `${at.origin}/mcpevil`],
  ['a path that is shorter by letters', (at) => `${at.origin}/mc`],
  ['a path below its own', (at) => `${at.origin}/mcp/admin`],
  ['a path that climbs', (at) => `${at.origin}/mcp/../admin`],
  ['a path that climbs, encoded', (at) => `${at.origin}/mcp/%2e%2e/admin`],
  ['a path with an encoded slash', (at) => `${at.origin}/mcp%2fadmin`],
  ['a query of its own', (at) => `${at.origin}/mcp?tenant=good`],
  ['a fragment', (at) => `${at.origin}/mcp#good`],
  ['a path alone', () => '/mcp'],
  ['nothing', () => ''],
  ['two servers', (at) => [at.origin, at.honest.origin], 'bad-answer'],
];

export const resources: readonly Attack[] = rows.map(
  ([name, resource, refusedWith = 'resource-mismatch']) => ({
    name: `names ${name}`,
    refusedWith,
    // Who makes the tokens is honest, and would make one for whom it is asked.
    resource: (at) => ({ resource: resource(at), authorization_servers: [at.honest.issuer] }),
  }),
);
