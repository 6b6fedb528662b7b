/** Legs with rules around them, before a server that a test scripts. */

import { Envelope } from '../../../../broker/bridge/json-rpc.ts';
import type { Message } from '../../../../broker/bridge/leg.ts';
import type { Legs } from '../../../../broker/bridge/legs.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import { type ShapedLegs, shapedLegs } from '../../../../broker/bridge/shaping/shaped-legs.ts';
import type { Target } from '../../../../broker/bridge/target.ts';
import type { Rule, RuleWish } from '../../../../shared/contract/rules.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';
import {
  createScriptedServer,
  type Json,
  type Script,
  type ScriptedLeg,
} from '../../../doubles/scripted-leg.ts';

export interface Heard {
  readonly texts: string[];
  readonly messages: Json[];
  /** How it ended: the code of a problem, or `fine`. */
  ended: string | undefined;
  readonly giveUp: () => void;
}

export interface AiClient {
  readonly server: ScriptedLeg;
  readonly say: (message: object | string) => Heard;
  readonly unasked: Json[];
  readonly close: () => void;
}

export interface Stage {
  readonly shaping: ShapedLegs;
  readonly clock: VirtualClock;
  readonly rule: (wish: RuleWish) => Rule;
  /** An AI client at the server `one`; without a name, the door does not know it. */
  readonly connect: (era: Era, aiClient?: string) => AiClient;
  /** How often the surfaces were told that something changed. */
  readonly changes: () => number;
  readonly legs: Legs;
  readonly target: Target;
}

export const modernMeta = (more: object = {}): object => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  ...more,
});

export const setStage = (script: Script = {}, kept?: () => string | undefined): Stage => {
  const clock = createVirtualClock();
  const target: Target = {
    title: 'Scripted\u001b[31m',
    upstream: {
      key: { server: 'one', account: 'default' },
      url: new URL('http://127.0.0.1:9/mcp'),
      credential: 'none' as const,
    },
  };
  const scripted = createScriptedServer({
    initialize: (said) => said.answer({ capabilities: { tools: {} } }),
    ...script,
  });
  let rules: readonly Rule[] = [];
  let changes = 0;
  const shaping = shapedLegs({
    clock,
    store: { read: () => rules, write: (all) => (rules = all) },
    targetOf: () => target,
    targetAt: () => target,
    toolsOf: () => kept?.(),
    base: () => 'http://127.0.0.1:1234',
    onChange: () => (changes += 1),
  });
  const legs = shaping.around({
    to: () => scripted.open,
    own: () => scripted.open,
    known: () => undefined,
    mayPassBy: () => true,
  });
  return {
    ...{ shaping, clock, legs, target },
    rule: shaping.rules.add,
    changes: () => changes,
    connect: (era, aiClient) => {
      const unasked: Json[] = [];
      const leg = legs.to(target, era, aiClient)((json) => unasked.push(JSON.parse(json)));
      const server = scripted.legs.at(-1);
      if (server === undefined) throw new Error('no leg was opened');
      return {
        ...{ server, unasked, close: leg.close },
        say: (given) => {
          const text = typeof given === 'string' ? given : JSON.stringify(given);
          const message: Message = { text, envelope: Envelope.parse(JSON.parse(text)) };
          const heard = { texts: [] as string[], messages: [] as Json[] };
          const state: { ended: string | undefined } = { ended: undefined };
          const giveUp = leg.say(message, {
            message: (json) => {
              heard.texts.push(json);
              heard.messages.push(JSON.parse(json));
            },
            done: ({ problem }) => (state.ended = problem?.code ?? 'fine'),
          });
          return Object.assign(state, heard, { giveUp });
        },
      };
    },
  };
};

export const call = (id: number, name: unknown, more: object = {}): object => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call' },
  params: { name, arguments: { path: '/tmp/a' }, ...more },
});

export const initialize = (name: string, capabilities: object = {}): object => ({
  ...{ jsonrpc: '2.0', id: 'i', method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name, version: '1' } },
});
