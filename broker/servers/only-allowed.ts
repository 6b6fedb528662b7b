/** A registry that takes no server which an administrator does not allow, whichever way it is added. */
import type { Registry, ServerRecord } from './registry.ts';

/** `assertAllowed` throws for a server that may not be used. */
export const onlyAllowed = (
  registry: Registry,
  assertAllowed: (server: Pick<ServerRecord, 'kind' | 'url' | 'source'>) => void,
): Registry => ({
  ...registry,
  add: (server) => {
    assertAllowed(server);
    return registry.add(server);
  },
  addLocal: (server) => {
    assertAllowed({ kind: 'local', url: 'local:', source: undefined });
    return registry.addLocal(server);
  },
  changeSource: (id, change) => {
    assertAllowed({ ...registry.get(id), ...change });
    registry.changeSource(id, change);
  },
  amend: (id, amended) => {
    // What it is called is no matter of who is reached.
    if ((amended.url ?? amended.command) !== undefined)
      assertAllowed({ ...registry.get(id), ...amended });
    registry.amend(id, amended);
  },
});
