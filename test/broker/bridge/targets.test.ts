/** Which servers, and who on them, are there for an AI client that wants all of them? */
import { beforeEach, describe, expect, it } from 'vitest';
import { createTargets, watchTargets } from '../../../broker/bridge/targets.ts';
import {
  createRegistry,
  type Registry,
  type ServerRecord,
} from '../../../broker/servers/registry.ts';
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';

let registry: Registry;
let records: readonly ServerRecord[];

const add = (id: string, kind: ServerRecord['kind'] = 'mcp'): void =>
  void registry.add({
    ...{ id, kind, url: `https://${id}.example/mcp`, title: id, tokenSource: 'oauth' },
    ...{ zone: 'public', addedAt: 0, signIn: undefined },
  });
const each = (isOpen: (key: AccountKey) => boolean = () => true): string[] =>
  createTargets(registry)
    .each(isOpen)
    .map(({ upstream }) => keyText(upstream.key));

beforeEach(() => {
  records = [];
  registry = createRegistry(
    { read: () => records, write: (next) => (records = next) },
    () => undefined,
  );
});

it('are all MCP servers in the order in which they were added, as their default accounts', () => {
  for (const id of ['zeta', 'alpha']) add(id);
  add('company', 'identity-provider');
  registry.addAccount({ server: 'alpha', account: 'work' });
  expect(each()).toEqual(['zeta/default', 'alpha/default']);
  registry.makeDefault({ server: 'alpha', account: 'work' });
  expect(each()).toEqual(['zeta/default', 'alpha/work']);
});

it('are only those that are open to it; of accounts the first one', () => {
  for (const id of ['one', 'two']) add(id);
  for (const account of ['work', 'robot']) registry.addAccount({ server: 'two', account });
  expect(each(({ account }) => account !== 'default')).toEqual(['two/work']);
});

describe('a change', () => {
  it.each<[string, () => void]>([
    ['a server that is added', () => add('two')],
    ['a server that is removed', () => registry.remove('one')],
    ['an account that is added', () => registry.addAccount({ server: 'one', account: 'robot' })],
    ['another default account', () => registry.makeDefault({ server: 'one', account: 'work' })],
  ])('is %s', (_what, change) => {
    add('one');
    registry.addAccount({ server: 'one', account: 'work' });
    const changes = watchTargets(registry);
    let told = 0;
    const stop = changes.on(() => (told += 1));
    change();
    for (let count = 0; count < 3; count += 1) changes.look();
    expect(told).toBe(1);
    stop();
    add('three');
    changes.look();
    expect(told).toBe(1);
  });

  it('is not a sign-out, nor anything else that is not about who there is', () => {
    add('one');
    const changes = watchTargets(registry);
    let told = 0;
    changes.on(() => (told += 1));
    registry.markSignedOut({ server: 'one', account: 'default' }, true);
    changes.look();
    expect(told).toBe(0);
  });
});
