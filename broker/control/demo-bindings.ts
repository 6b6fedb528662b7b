/** What the route of the demo does: it is served here, and added like any server that a person names. */
import type { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import type { Demo } from '../demo/demo.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface DemoBindingDeps {
  readonly demo: Pick<Demo, 'add' | 'server'>;
  readonly registry: Pick<Registry, 'assertFree'>;
  readonly servers: Pick<AddServerFlow, 'add' | 'probe'>;
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly view: (server: ServerId) => ServerView;
}

export const createDemoBindings = ({
  demo,
  registry,
  servers,
  inTurn,
  view,
}: DemoBindingDeps): Pick<Bindings, 'addDemo'> => ({
  addDemo: () =>
    // One after the other: the second of two clicks finds what the first has added.
    inTurn('demo', async () => {
      const known = demo.server();
      if (known !== undefined)
        return { server: view(known.id), probe: await servers.probe(known.url) };
      const { record, probe } = await demo.add(freeId(registry), ({ id, url }) =>
        servers.add({ id, url, title: 'Demo' }),
      );
      return { server: view(record.id), probe };
    }),
});

/** `demo`, or the next one that is free: a person may have called something else so. */
const freeId = ({ assertFree }: Pick<Registry, 'assertFree'>): ServerId => {
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? 'demo' : `demo-${count}`;
    try {
      // No address: only the id is looked at.
      assertFree('', id);
      return id;
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'server-exists')) throw error;
    }
  }
};
