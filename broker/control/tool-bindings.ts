/** What the routes about what a server has do: leafing through it, and calling a tool by hand. */
import type { CatalogueReply, CatalogueWish } from '../../shared/contract/catalogue-view.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { CallId, ToolAnswer, ToolCall } from '../../shared/contract/tool-call.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface ToolBindingDeps {
  readonly registry: Pick<Registry, 'assertAccount'>;
  readonly tools: {
    /** Throws `not-found` for what is no MCP server. */
    readonly page: (key: AccountKey, wish: CatalogueWish) => CatalogueReply;
    /** Rejects with why there is no answer. */
    readonly call: (key: AccountKey, call: ToolCall, signal: AbortSignal) => Promise<ToolAnswer>;
  };
}

/** No person has more in hand. */
const MOST_AT_ONCE = 20;

type Names = 'catalogue' | 'callTool' | 'cancelCall';

export const createToolBindings = ({ registry, tools }: ToolBindingDeps): Pick<Bindings, Names> => {
  const calls = new Set<{ readonly id: CallId | undefined; readonly over: AbortController }>();
  return {
    catalogue: (key, wish) => {
      registry.assertAccount(key);
      return tools.page(key, wish);
    },
    callTool: async (key, call, signal) => {
      registry.assertAccount(key);
      if (calls.size >= MOST_AT_ONCE) throw tooMany();
      const entry = { id: call.call, over: new AbortController() };
      calls.add(entry);
      try {
        return await tools.call(
          key,
          call,
          AbortSignal.any([entry.over.signal, ...(signal === undefined ? [] : [signal])]),
        );
      } finally {
        calls.delete(entry);
      }
    },
    // One that is over already was not to be given up any more.
    cancelCall: (_params, { call }) => {
      for (const { id, over } of calls) if (id === call) over.abort();
      return {};
    },
  };
};

const tooMany = (): ProblemError =>
  new ProblemError('bad-request', `${MOST_AT_ONCE} calls by hand are under way`, {
    hint: 'wait for one of them, or give one up',
  });
