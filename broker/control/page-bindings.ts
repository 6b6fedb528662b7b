/** What the routes of a server's own page do: the facts of its sign-in, what it has, and calls by hand. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface PageBindingDeps {
  readonly registry: Pick<Registry, 'get' | 'assertAccount'>;
}

type Names = 'catalogue' | 'callTool' | 'cancelCall';

export const createPageBindings = ({ registry }: PageBindingDeps): Pick<Bindings, Names> => ({
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
