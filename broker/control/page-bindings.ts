/** What the routes of a server's own page do: the facts of its sign-in, what it has, and calls by hand. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface PageBindingDeps {
  readonly registry: Pick<Registry, 'get' | 'assertAccount'>;
}

type Names = 'accountFacts' | 'catalogue' | 'callTool' | 'cancelCall';

export const createPageBindings = ({ registry }: PageBindingDeps): Pick<Bindings, Names> => ({
  accountFacts: (key) => {
    registry.assertAccount(key);
    const { kind, source, command, signIn, tokenSource } = registry.get(key.server);
    if (kind === 'local' && command !== undefined)
      return { kind: 'local', processes: command.processes };
    if (source !== undefined) return { kind: 'source', source: source.kind, getting: false };
    if (tokenSource === 'none') return { kind: 'open' };
    return { kind: 'sign-in', how: signIn?.kind ?? 'person', endpoints: [], exceptions: [] };
  },
  catalogue: (key) => {
    registry.assertAccount(key);
    return { lists: [], found: 0, items: [] };
  },
  callTool: (key) => {
    registry.assertAccount(key);
    throw new ProblemError('not-found', 'no tool can be called from here yet');
  },
  cancelCall: () => ({}),
});
