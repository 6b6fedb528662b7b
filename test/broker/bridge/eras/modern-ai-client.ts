/** An AI client of the modern era at a leg, as the tests of its translation need one. */
import { readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import type { End, Leg } from '../../../../broker/bridge/leg.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';

export interface Asked {
  readonly id: string | number;
  /** Everything heard so far, parsed and as text. */
  readonly heard: readonly Json[];
  readonly texts: readonly string[];
  readonly ends: readonly End[];
  /** The answer; undefined while there is none. */
  readonly answer: () => Json;
  readonly giveUp: () => void;
}

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

  /** Says a message as it is. */
  const say = (text: string): Asked => {
    const heard: Json[] = [];
    const texts: string[] = [];
    const ends: End[] = [];
    const envelope = readEnvelope(text);
    if (envelope === undefined) throw new Error(`not a message: ${text}`);
    const giveUp = leg.say(
      { text, envelope },
      {
        message: (json) => {
          texts.push(json);
          heard.push(JSON.parse(json));
        },
        done: (end) => ends.push(end),
      },
    );
    const id = envelope.id ?? 0;
    const answer = () => heard.find((each) => each.method === undefined && each.id === id);
    return { ...{ id, heard, texts, ends, giveUp }, answer };
  };

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
