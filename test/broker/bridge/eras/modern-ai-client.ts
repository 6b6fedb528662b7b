/** An AI client of the modern era at a leg, as the tests of its translation need one. */
import type { Leg } from '../../../../broker/bridge/leg.ts';
import { type Asked, sayTo } from './ai-client.ts';

export interface Asking {
  readonly id?: string | number;
  readonly capabilities?: unknown;
  readonly meta?: Record<string, unknown>;
}

export const everything = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

export const metaOf = (capabilities: unknown): Record<string, unknown> => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'modern-test', version: '1.2.3' },
  'io.modelcontextprotocol/clientCapabilities': capabilities,
});

export const createModernAiClient = (leg: Leg) => {
  let lastId = 100;

  const say = sayTo(leg);

  /** Asks; able to do everything unless told. */
  const ask = (
    method: string,
    params: Record<string, unknown> = {},
    { id = (lastId += 1), capabilities = everything, meta = {} }: Asking = {},
  ): Asked =>
    say(
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        method,
        params: { ...params, _meta: { ...metaOf(capabilities), ...meta } },
      }),
    );

  /** Comes again with what was asked for. */
  const retry = (
    asked: Asked,
    method: string,
    params: Record<string, unknown>,
    inputResponses: Record<string, unknown>,
    asking: Asking = {},
  ): Asked => {
    const { requestState } = asked.answer().result;
    return ask(method, { ...params, inputResponses, requestState }, asking);
  };

  return { say, ask, retry };
};
