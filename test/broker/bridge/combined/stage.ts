/** Scripted servers behind the combined endpoint, and an AI client of either era in front of it. */
import { combined } from '../../../../broker/bridge/combined/combined.ts';
import { type Envelope, readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import { messageOf } from '../../../../broker/bridge/leg.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import type { Target } from '../../../../broker/bridge/target.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { keyText } from '../../../../shared/contract/ids.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';
import {
  createScriptedServer,
  type Json,
  type Script,
  type ScriptedLeg,
} from '../../../doubles/scripted-leg.ts';
import { metaOf } from '../eras/modern-ai-client.ts';

export interface Stage {
  readonly clock: VirtualClock;
  /** The last leg that was opened to a server, by its id or by `<server>/<account>`. */
  readonly leg: (server: string) => ScriptedLeg;
  readonly legs: (server: string) => readonly ScriptedLeg[];
  /** These are the members from now on, by id or by `<server>/<account>`. */
  readonly members: (...servers: readonly string[]) => void;
  readonly usable: (server: string) => void;
  /** How many listeners there are for what happens to members. */
  readonly watched: () => number;
  /** Asks; returns a function that gives it up. Under `answer` there is what it was told. */
  readonly ask: (method: string, params?: Json) => Asked;
  readonly say: (envelope: Envelope & { readonly result?: unknown }) => void;
  /** Says a message as it is. */
  readonly sayText: (text: string) => void;
  /** What came that answers nothing, and what came on the way to an answer. */
  readonly heard: readonly Json[];
  /** The methods of that, without the rest. */
  readonly told: () => readonly string[];
  readonly log: readonly string[];
  readonly pause: () => void;
  readonly close: () => void;
}

export interface Asked {
  readonly id: number;
  /** The answer's text; undefined while there is none. */
  readonly text: () => string | undefined;
  readonly answer: () => Json;
  /** The code of the problem it ended with. */
  readonly problem: () => string | undefined;
  readonly giveUp: () => void;
}

const capabilities = { tools: {}, prompts: {}, resources: {} };

/** What every server answers at once unless its script says otherwise. */
export const obliging = (has: Readonly<Record<string, unknown>> = {}): Script => ({
  initialize: (said) =>
    said.answer({ protocolVersion: '2025-11-25', capabilities, serverInfo: {}, ...has }),
  'server/discover': (said) =>
    said.answer({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities,
      ...has,
    }),
  'tools/list': (said) => said.answer({ tools: [] }),
  'prompts/list': (said) => said.answer({ prompts: [] }),
  'resources/list': (said) => said.answer({ resources: [] }),
  'resources/templates/list': (said) => said.answer({ resourceTemplates: [] }),
});

/** A list as a script, in one page. */
export const listing = (method: string, member: string, items: readonly object[]): Script => ({
  [method]: (said) => said.answer({ [member]: items }),
});
export const tools = (...names: readonly string[]): Script =>
  listing(
    'tools/list',
    'tools',
    names.map((name) => ({ name, inputSchema: { type: 'object' } })),
  );
export const resources = (...uris: readonly string[]): Script =>
  listing(
    'resources/list',
    'resources',
    uris.map((uri) => ({ uri, name: uri })),
  );

/**
 * An AI client of `era` before these servers; each is obliging in what its script does not say, and called by its id in
 * capital letters if not otherwise.
 */
export const setStage = (
  era: Era,
  scripts: Readonly<Record<string, Script>>,
  titles: Readonly<Record<string, string>> = {},
): Stage => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const servers = Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [
      name,
      createScriptedServer({ ...obliging(), ...script }),
    ]),
  );
  let present: readonly string[] = Object.keys(scripts).filter((name) => !name.includes('/'));
  const looks = new Set<() => void>();
  const usables = new Map<string, () => void>();
  const heard: Json[] = [];
  let lastId = 0;

  const targetOf = (name: string): Target => {
    const [server = '', account = 'default'] = name.split('/');
    return {
      title: titles[server] ?? server.toUpperCase(),
      upstream: {
        key: { server, account },
        url: new URL(`https://${server}.example/mcp`),
        credential: 'sign-in' as const,
      },
    };
  };
  const legsOf = (name: string): readonly ScriptedLeg[] => servers[name]?.legs ?? [];

  const leg = combined(era, {
    members: () => present.map(targetOf),
    onMembers: (look) => {
      looks.add(look);
      return () => void looks.delete(look);
    },
    isThere: ({ server }) => present.some((name) => name.split('/')[0] === server),
    onUsable: (key, deed) => {
      usables.set(keyText(key), deed);
      return () => void usables.delete(keyText(key));
    },
    open: ({ upstream: { key } }) => {
      const found = servers[keyText(key)] ?? servers[key.server];
      if (found === undefined) throw new Error(`no script for ${key.server}`);
      return found.open;
    },
    clock,
    log: createLogger((line) => lines.push(line), clock),
    version: '1.2.3',
  })((json) => heard.push(JSON.parse(json)));

  const sayText = (text: string): void => {
    const envelope = readEnvelope(text);
    if (envelope === undefined) throw new Error(`not a message: ${text}`);
    leg.say(
      { text, envelope },
      { message: (json) => heard.push(JSON.parse(json)), done: () => undefined },
    );
  };

  return {
    clock,
    leg: (server) => {
      const found = legsOf(server).at(-1);
      if (found === undefined) throw new Error(`nobody went to ${server}`);
      return found;
    },
    legs: legsOf,
    members: (...names) => {
      present = names;
      for (const look of looks) look();
    },
    watched: () => usables.size + looks.size,
    usable: (server) => usables.get(`${server}/default`)?.(),
    ask: (method, params = {}) => {
      const id = (lastId += 1);
      let text: string | undefined;
      let problem: string | undefined;
      const all =
        era === 'modern' ? { ...params, _meta: { ...metaOf({}), ...params._meta } } : params;
      const giveUp = leg.say(messageOf({ jsonrpc: '2.0', id, method, params: all }), {
        message: (json, peeked) => {
          if (peeked.method === undefined && peeked.id === id) text = json;
          else heard.push(JSON.parse(json));
        },
        done: (end) => {
          problem = end.problem?.code;
        },
      });
      return {
        ...{ id, giveUp },
        text: () => text,
        answer: () => (text === undefined ? undefined : JSON.parse(text)),
        problem: () => problem,
      };
    },
    say: (envelope) => sayText(JSON.stringify(envelope)),
    sayText,
    heard,
    told: () => heard.map(({ method }) => method),
    log: lines,
    pause: leg.pause,
    close: leg.close,
  };
};

/** Shakes hands as an AI client of the legacy era does. */
export const shakeHands = async (stage: Stage): Promise<Json> => {
  const asked = stage.ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {}, sampling: {} },
    clientInfo: { name: 'legacy-test', version: '3' },
  });
  await stage.clock.advance(100);
  stage.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await stage.clock.advance(0);
  return asked.answer();
};
