/** Can a person leaf through what a server has, find things in it, and come to no harm by what it says? */
import { describe, expect, it } from 'vitest';
import { createPages, type Pages } from '../../../../broker/bridge/catalogue/pages.ts';
import type { Kept } from '../../../../broker/bridge/catalogue/store.ts';
import { CatalogueReply, CatalogueWish } from '../../../../shared/contract/catalogue-view.ts';
import { DEFAULT_ACCOUNT } from '../../../../shared/contract/ids.ts';
import { startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import { startAuthorizationServer } from '../../../servers/authorization-server.ts';
import { startMcpServer } from '../../../servers/mcp-server.ts';

const AT = 1_800_000_000_000;
const kept = (lists: Partial<Record<'tools' | 'prompts' | 'resources' | 'templates', unknown[]>>) =>
  ({
    identities: {},
    lists: Object.fromEntries(
      Object.entries(lists).map(([name, items]) => [
        name,
        { items: JSON.stringify(items), at: AT, stale: name === 'prompts' },
      ]),
    ),
  }) satisfies Kept;
const page = (
  known: Kept | undefined,
  wish: Partial<CatalogueWish> = {},
  pages: Pages = createPages(),
) => CatalogueReply.parse(pages(known, CatalogueWish.parse({ list: 'tools', ...wish })));
const namesIn = ({ items }: CatalogueReply) => items.map(({ name }) => name);

describe('a page', () => {
  it('is told from the others by where it begins', () => {
    const known = kept({ tools: Array.from({ length: 120 }, (_none, at) => ({ name: `t${at}` })) });
    const first = page(known);
    expect([first.found, first.items.length, first.next]).toEqual([120, 50, 50]);
    const last = page(known, { offset: 100 });
    expect([namesIn(last)[0], last.items.length, last.next]).toEqual(['t100', 20, undefined]);
    expect(page(known, { offset: 500 })).toMatchObject({ items: [], found: 120 });
  });

  it('is of what is known, and says since when, and what is out of date', () => {
    const known = kept({ tools: [{ name: 'a' }], prompts: [{ name: 'b' }, { name: 'c' }] });
    expect(page(known, { list: 'prompts' })).toMatchObject({
      lists: [
        { list: 'tools', count: 1, at: AT },
        { list: 'prompts', count: 2, at: AT, stale: true },
      ],
      found: 2,
    });
    expect(page(known, { list: 'resources' })).toMatchObject({ found: 0, items: [] });
    expect(page(undefined)).toEqual({ lists: [], found: 0, items: [] });
  });

  it('ends early where its items are large, and goes on from there', () => {
    const inputSchema = { type: 'object', description: 'x'.repeat(60_000) };
    const known = kept({
      tools: Array.from({ length: 40 }, (_none, at) => ({ name: `t${at}`, inputSchema })),
    });
    const first = page(known);
    expect(JSON.stringify(first).length).toBeLessThan(1.1 * 1024 * 1024);
    expect(first.next).toBe(first.items.length);
    expect(first.items.length).toBeGreaterThan(10);
    expect(namesIn(page(known, { offset: first.next ?? 0 }))[0]).toBe(`t${first.next}`);
  });
});

describe('what is looked for', () => {
  const known = kept({
    tools: [
      { name: 'create_issue', title: 'New issue', description: 'Opens a ticket in a project' },
      { name: 'list_issues', description: 'Lists tickets' },
      { name: 'echo' },
    ],
    resources: [{ name: 'readme', uri: 'file:///docs/README.md' }],
  });

  it.each([
    ['', ['create_issue', 'list_issues', 'echo']],
    ['ISSUE', ['create_issue', 'list_issues']],
    ['ticket issue', ['create_issue', 'list_issues']],
    ['new ticket', ['create_issue']],
    ['  echo ', ['echo']],
    ['nothing', []],
    ['.*', []],
  ])('is found by all of its words: %j', (query, names) => {
    expect(namesIn(page(known, { query }))).toEqual(names);
  });

  it('may be a part of an address', () => {
    expect(page(known, { list: 'resources', query: 'docs/' }).found).toBe(1);
  });
});

describe('an item', () => {
  it('has what a person and a form need', () => {
    const inputSchema = { type: 'object', properties: { a: { enum: ['\u202eas it is'] } } };
    const tool = {
      ...{ name: 'add', description: 'Adds', inputSchema, outputSchema: { type: 'object' } },
      annotations: { title: 'Add', readOnlyHint: true, destructiveHint: 'no', other: 1 },
    };
    expect(page(kept({ tools: [tool] })).items).toEqual([
      {
        kind: 'tool',
        name: 'add',
        title: 'Add',
        description: 'Adds',
        hints: { readOnly: true },
        inputSchema,
      },
    ]);
    const prompt = { name: 'p', arguments: [{ name: 'topic', required: true }, { no: 1 }] };
    expect(page(kept({ prompts: [prompt] }), { list: 'prompts' }).items).toEqual([
      { kind: 'prompt', name: 'p', arguments: [{ name: 'topic', required: true }] },
    ]);
    const resource = { name: 'r', uri: 'test://r', mimeType: 'text/plain', size: 3 };
    expect(page(kept({ resources: [resource] }), { list: 'resources' }).items).toEqual([
      { kind: 'resource', ...resource },
    ]);
    const template = { name: 't', uriTemplate: 'test://{id}' };
    expect(page(kept({ templates: [template] }), { list: 'templates' }).items).toEqual([
      { kind: 'template', ...template },
    ]);
  });

  it('says what is fit for a screen, in lines, and not without an end', () => {
    const description = `One\r\n\r\nTwo\u0007\u202e three\n${'x'.repeat(9000)}`;
    const tools = [{ name: 'a', title: `T\u202e\ni\u0000`, description }];
    const [item] = page(kept({ tools })).items;
    expect(item?.title).toBe('T\ni');
    expect(item?.description?.startsWith('One\n\nTwo  three\nxxx')).toBe(true);
    expect(item?.description?.length).toBe(4000);
  });

  it('keeps its name letter by letter, for that is what it is called by', () => {
    expect(namesIn(page(kept({ tools: [{ name: 'a\u202eb c' }] })))).toEqual(['a\u202eb c']);
  });

  it('without a schema that a form could be made of has none', () => {
    const tools = [
      { name: 'large', inputSchema: { type: 'object', description: 'x'.repeat(70_000) } },
      { name: 'odd', inputSchema: 'none' },
    ];
    const { items } = page(kept({ tools }));
    expect(namesIn({ items } as CatalogueReply)).toEqual(['large', 'odd']);
    expect(JSON.stringify(items)).not.toContain('inputSchema');
  });

  it('that nobody could ask for is left out', () => {
    const tools = [{ title: 'nameless' }, { name: '' }, { name: 'x'.repeat(1001) }, 'x', null];
    expect(page(kept({ tools: [...tools, { name: 'good' }] }))).toMatchObject({
      ...{ found: 1, lists: [{ count: 1 }] },
      items: [{ name: 'good' }],
    });
  });
});

it('ten thousand tools are read once, and not again for each page', () => {
  const pages = createPages();
  const known = kept({
    tools: Array.from({ length: 10_000 }, (_none, at) => ({
      ...{ name: `tool_${at}`, description: `Does the thing with the number ${at}` },
      inputSchema: { type: 'object', properties: { a: { type: 'string' } } },
    })),
  });
  const ask = (wish: Partial<CatalogueWish>) =>
    pages(known, CatalogueWish.parse({ list: 'tools', ...wish }));
  expect(ask({ query: 'number 9999' }).items).toMatchObject([{ name: 'tool_9999' }]);
  const last = ask({ offset: 9_900, limit: 100 });
  expect([last.items.length, last.next, last.lists[0]?.count]).toEqual([100, undefined, 10_000]);
  // What is read anew is another object.
  expect(ask({ offset: 9_900 }).items[0]).toBe(last.items[0]);
});

describe('of a server that runs', () => {
  const key = (server: string) => ({ server, account: DEFAULT_ACCOUNT });

  it('what it has is told with what it calls itself, also once it is gone', async () => {
    await using drawbridge = await startInProcessBroker();
    const server = await startMcpServer();
    await drawbridge.addServer('small', server.url);
    const ask = (wish: Partial<CatalogueWish> = {}) =>
      drawbridge.control.catalogue(key('small'), { list: 'tools', ...wish });
    const told = await ask({ query: 'adds' });
    expect(told).toMatchObject({
      about: { name: 'drawbridge-test-server', version: '1.0.0', protocols: ['2026-07-28'] },
      items: [{ name: 'add', hints: { readOnly: true, idempotent: true } }],
    });
    expect(told.about?.instructions).toBe('A server for tests.');
    expect((await ask({ list: 'prompts' })).items).toMatchObject([
      { name: 'summarise', arguments: [{ name: 'topic', required: true }] },
    ]);
    expect((await ask({ list: 'resources' })).items).toMatchObject([{ uri: 'test://greeting' }]);
    await server.close();
    expect((await ask()).found).toBeGreaterThan(3);
  });

  it('nothing is asked of it, and nothing is known of one that nobody is signed in to', async () => {
    await using drawbridge = await startInProcessBroker();
    await using signInService = await startAuthorizationServer();
    await using server = await startMcpServer({ authorizationServer: signInService });
    await drawbridge.addServer('small', server.url);
    const before = server.seen.length;
    const told = await drawbridge.control.catalogue(key('small'), { list: 'tools' });
    expect(told).toEqual({ lists: [], found: 0, items: [] });
    expect(server.seen.length).toBe(before);
  });

  it('an account that is not there, and an identity provider, are problems', async () => {
    await using drawbridge = await startInProcessBroker();
    const nobody = drawbridge.control.catalogue(key('nobody'), { list: 'tools' });
    await expect(nobody).rejects.toMatchObject({ code: 'not-found' });
    await using provider = await startAuthorizationServer();
    await drawbridge.control.addIdentityProvider({
      ...{ id: 'idp', issuer: provider.issuer, signIn: { clientId: 'given' } },
    });
    const noServer = drawbridge.control.catalogue(key('idp'), { list: 'tools' });
    await expect(noServer).rejects.toMatchObject({ code: 'not-found' });
  });
});
