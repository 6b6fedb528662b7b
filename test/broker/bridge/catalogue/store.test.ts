/** Does the catalogue keep what it should, where it should, and nothing else? */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalogue } from '../../../../broker/bridge/catalogue/store.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';

const whose = (account = 'default', host = 'a') => ({
  key: { server: 'one', account },
  url: new URL(`https://${host}.example/mcp`),
});
const identity = { capabilities: { tools: {}, prompts: {} }, instructions: 'Hello' };

let folder: string;
let log: string[];
let isThere: Parameters<typeof openCatalogue>[0]['isThere'];

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'drawbridge-')), 'catalogue');
  log = [];
  isThere = () => true;
});
afterEach(() => rm(path.dirname(folder), { recursive: true }));

const open = () => {
  const clock = createVirtualClock();
  return openCatalogue({
    ...{ folder, clock },
    isThere: (key, url) => isThere(key, url),
    log: createLogger((line) => log.push(line), clock),
  });
};

it('finds again what was there, word for word', async () => {
  const first = await open();
  first.noteIdentity(whose(), 'legacy', identity);
  first.noteList(whose(), 'tools', [{ z: 1, a: { $ref: '#' } }]);
  const before = first.of(whose());
  await first.close();
  const second = await open();
  expect(second.of(whose())).toEqual(before);
  expect(second.of(whose())?.lists.tools?.items).toBe('[{"z":1,"a":{"$ref":"#"}}]');
  await second.close();
});

it('keeps accounts apart, and servers that had one name after the other (F9)', async () => {
  const catalogue = await open();
  catalogue.noteList(whose(), 'tools', [1]);
  catalogue.noteList(whose('work'), 'tools', [2]);
  expect(catalogue.of(whose())?.lists.tools?.items).toBe('[1]');
  expect(catalogue.of(whose('default', 'b'))).toBeUndefined();
  catalogue.noteList(whose('default', 'b'), 'prompts', [3]);
  expect(catalogue.of(whose('default', 'b'))?.lists.tools).toBeUndefined();
  await catalogue.close();
  expect((await readdir(folder)).toSorted()).toEqual(['default@one.json', 'work@one.json']);
});

it('forgets what another person was told under the same account (F9)', async () => {
  const first = await open();
  first.noteList(whose(), 'tools', [1]);
  first.noteOwner(whose().key, 'ada@example.com');
  await first.close();
  expect(await readFile(path.join(folder, 'default@one.json'), 'utf8')).not.toContain('ada');
  const second = await open();
  second.noteOwner(whose().key, 'ada@example.com');
  expect(second.of(whose())).toBeDefined();
  second.noteOwner(whose().key, 'grace@example.com');
  expect(second.of(whose())).toBeUndefined();
  await second.close();
  expect(await readdir(folder)).toEqual([]);
});

it('knows who it was before anything was told', async () => {
  const catalogue = await open();
  catalogue.noteOwner(whose().key, 'ada@example.com');
  catalogue.noteList(whose(), 'tools', [1]);
  catalogue.noteOwner(whose().key, 'grace@example.com');
  expect(catalogue.of(whose())).toBeUndefined();
  await catalogue.close();
  expect(await readdir(folder)).toEqual([]);
});

it('keeps nothing of an account that is gone, though its answer comes late', async () => {
  const catalogue = await open();
  catalogue.noteList(whose(), 'tools', [1]);
  isThere = () => false;
  catalogue.keepOnly([]);
  expect(catalogue.noteList(whose(), 'tools', [2])).toBe('[2]');
  await catalogue.close();
  expect(await readdir(folder)).toEqual([]);
});

it('keeps a list out that is too large, and says so', async () => {
  const catalogue = await open();
  catalogue.noteList(whose(), 'prompts', ['small']);
  catalogue.noteList(whose(), 'tools', ['x'.repeat(17 * 1024 * 1024)]);
  expect(Object.keys(catalogue.of(whose())?.lists ?? {})).toEqual(['prompts']);
  expect(log.join()).toContain('"list-not-kept","key":"one/default","list":"tools"');
  await catalogue.close();
});

it('keeps no list that the server does not have any more', async () => {
  const catalogue = await open();
  catalogue.noteList(whose(), 'prompts', [1]);
  catalogue.noteIdentity(whose(), 'modern', { capabilities: { tools: {} } });
  expect(catalogue.of(whose())?.lists).toEqual({});
  await catalogue.close();
});

describe('a file', () => {
  it.each([
    ['no JSON', '{"format":1,'],
    ['of a newer form', '{"format":2,"url":"https://a.example/mcp","identities":{},"lists":{}}'],
    ['of another shape', '{"format":1,"url":"https://a.example/mcp","lists":{"tools":[]}}'],
  ])('that is %s is set aside', async (_what, text) => {
    await (await open()).close();
    await writeFile(path.join(folder, 'default@one.json'), text);
    const catalogue = await open();
    expect(catalogue.of(whose())).toBeUndefined();
    expect(log.join()).toContain('"catalogue-unreadable","key":"one/default"');
    await catalogue.close();
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^default@one\.json\.aside-/)]);
  });

  it('that a killed process left half written is swept away', async () => {
    await (await open()).close();
    await writeFile(path.join(folder, 'default@one.json.0123456789ab.tmp'), 'half');
    await (await open()).close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('in place of the folder leaves the catalogue in memory', async () => {
    await writeFile(folder, 'in the way');
    const catalogue = await open();
    catalogue.noteList(whose(), 'tools', [1]);
    expect(catalogue.of(whose())?.lists.tools?.items).toBe('[1]');
    await catalogue.close();
    expect(log.map((line) => JSON.parse(line).event)).toEqual([
      'catalogue-unusable',
      'catalogue-not-saved',
    ]);
  });
});
