/** Is an AI client asked for a sign-in exactly where it can be, and is its call then made once, or not at all? (F2, F4) */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../../broker/bridge/leg.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import { askSignIn } from '../../../../broker/bridge/sign-in/ask-sign-in.ts';
import { createSignInPages, PAGE_MS } from '../../../../broker/bridge/sign-in/pages.ts';
import { createSignInWaits } from '../../../../broker/bridge/sign-in/waits.ts';
import { needsSignIn } from '../../../../broker/tokens/book-problems.ts';
import type { SignInEnd } from '../../../../broker/tokens/sign-ins.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';
import {
  createScriptedServer,
  type Json,
  type ScriptedLeg,
} from '../../../doubles/scripted-leg.ts';

const HOLD_MS = 120_000;
const key = { server: 'one', account: 'default' };
const pages = { elicitation: { form: {}, url: {} } };
const unsent = { problem: needsSignIn(), unsent: true } as const;

interface Heard {
  readonly messages: Json[];
  /** How it ended: the code of a problem, or `fine`. */
  ended: string | undefined;
  readonly giveUp: () => void;
}

interface Stage {
  readonly server: ScriptedLeg;
  readonly say: (message: object) => Heard;
  readonly call: (id: number, more?: object) => Heard;
  readonly close: () => void;
}

let clock: VirtualClock;
let usable: boolean;
let end: SignInEnd | undefined;
let listeners: Set<() => void>;
let waits: ReturnType<typeof createSignInWaits>;

const signedIn = (): void => {
  usable = true;
  for (const listener of [...listeners]) listener();
};
const failed = (): void => {
  end = { problem: new ProblemError('access-denied', 'you said no').problem };
  waits.look();
};

beforeEach(() => {
  clock = createVirtualClock();
  usable = false;
  end = undefined;
  listeners = new Set();
});

const setStage = (era: Era, capabilities: object = pages, title = 'Scripted\u001b[31m'): Stage => {
  const scripted = createScriptedServer({ initialize: (said) => said.answer({}) });
  const onUsable = (_key: unknown, deed: () => void) => {
    listeners.add(deed);
    return () => void listeners.delete(deed);
  };
  waits = createSignInWaits({ isUsable: () => usable, onUsable, ended: () => end });
  const leg = askSignIn(scripted.open, era, {
    target: {
      title,
      upstream: { key, url: new URL('https://mcp.example/'), credential: 'sign-in' as const },
    },
    pages: createSignInPages({ base: () => 'http://127.0.0.1:7', onUsable, clock }),
    waits,
    issuerHost: () => 'sign-in.example',
    after: clock.after,
  })(() => undefined);
  const say = (message: object): Heard => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    const messages: Json[] = [];
    const heard: { ended: string | undefined } = { ended: undefined };
    const giveUp = leg.say(
      { text, envelope: JSON.parse(text) as Message['envelope'] },
      {
        message: (json) => void messages.push(JSON.parse(json)),
        done: ({ problem }) => (heard.ended = problem?.code ?? 'fine'),
      },
    );
    return Object.assign(heard, { messages, giveUp });
  };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  if (era === 'legacy') say({ id: 0, method: 'initialize', params: { capabilities } });
  return {
    server: scripted.legs[0] as ScriptedLeg,
    say,
    call: (id, more = {}) =>
      say({
        id,
        method: 'tools/call',
        params: {
          name: 'echo',
          arguments: { n: 1 },
          ...(era === 'modern' ? { _meta: meta } : {}),
          ...more,
        },
      }),
    close: leg.close,
  };
};

const calls = ({ server }: Stage): number => server.of('tools/call').length;
const methods = ({ messages }: Heard): string[] => messages.map(({ method }) => method);
const linkIn = (json: Json): string =>
  (json.params ?? json.result.inputRequests['drawbridge-sign-in'].params).url;
const answerTo = (question: Json, action: string): object => ({
  id: question.id,
  result: { action },
});

describe('in the legacy era', () => {
  let stage: Stage;
  let call: Heard;
  beforeEach(() => {
    stage = setStage('legacy');
    call = stage.call(1);
    stage.server.last('tools/call').end(unsent);
  });

  it('the call goes on after the sign-in, once, and the AI client hears that it is complete', () => {
    const [question] = call.messages;
    expect(question).toMatchObject({
      method: 'elicitation/create',
      params: {
        mode: 'url',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:7\/sign-in\/[\w-]{43}$/),
        message: expect.stringMatching(
          /^Scripted \[31m needs you to sign in.*at sign-in\.example\.$/,
        ),
      },
    });
    expect(stage.say(answerTo(question, 'accept')).ended).toBe('fine');
    expect(calls(stage)).toBe(1);
    signedIn();
    expect(call.messages[1]).toMatchObject({
      method: 'notifications/elicitation/complete',
      params: { elicitationId: question.params.elicitationId },
    });
    expect(calls(stage)).toBe(2);
    stage.server.last('tools/call').answer({ content: [] });
    expect(call.messages[2]).toMatchObject({ id: 1, result: { content: [] } });
    expect(call.ended).toBe('fine');
    // The answer to the question is none of the server's.
    expect(stage.server.said.some(({ json }) => json.id === question.id)).toBe(false);
  });

  it('the call is not made a third time', () => {
    stage.say(answerTo(call.messages[0], 'accept'));
    signedIn();
    stage.server.last('tools/call').end(unsent);
    signedIn();
    expect(calls(stage)).toBe(2);
    expect(call.ended).toBe('needs-sign-in');
  });

  it.each(['decline', 'cancel', undefined])('%s leaves the error as it was', (action) => {
    stage.say(answerTo(call.messages[0], action as string));
    signedIn();
    expect(call.ended).toBe('needs-sign-in');
    expect(calls(stage)).toBe(1);
  });

  it('a sign-in that does not come in time leaves the error as it was', async () => {
    stage.say(answerTo(call.messages[0], 'accept'));
    await clock.advance(HOLD_MS - 1);
    expect(call.ended).toBeUndefined();
    await clock.advance(1);
    expect(call.ended).toBe('needs-sign-in');
    signedIn();
    expect(calls(stage)).toBe(1);
    expect(clock.waits()).toEqual([]);
  });

  it('a question that nobody answers ends with its page, and is taken back', async () => {
    await clock.advance(PAGE_MS);
    expect(call.ended).toBe('needs-sign-in');
    expect(call.messages[1]).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: call.messages[0].id },
    });
    // Late: nobody waits for it, and the server must not see it.
    stage.say(answerTo(call.messages[0], 'accept'));
    expect(stage.server.of('tools/call')).toHaveLength(1);
    expect(stage.server.said.at(-1)?.json.method).toBe('tools/call');
  });

  it('a sign-in that fails is told as what it is', () => {
    stage.say(answerTo(call.messages[0], 'accept'));
    failed();
    expect(call.ended).toBe('access-denied');
    expect(calls(stage)).toBe(1);
  });

  it('somebody who signs in elsewhere need not answer any more', () => {
    signedIn();
    expect(methods(call)).toEqual([
      'elicitation/create',
      'notifications/cancelled',
      'notifications/elicitation/complete',
    ]);
    expect(calls(stage)).toBe(2);
  });

  it.each(['given up', 'cancelled', 'closed'])('a call that is %s is not made later', (how) => {
    stage.say(answerTo(call.messages[0], 'accept'));
    if (how === 'given up') call.giveUp();
    if (how === 'cancelled')
      stage.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    if (how === 'closed') stage.close();
    signedIn();
    expect(calls(stage)).toBe(1);
    expect(stage.server.of('notifications/cancelled')).toEqual([]);
    expect(listeners.size).toBe(0);
    expect(clock.waits()).toEqual([]);
  });

  it('calls at once share one page, and all go on', () => {
    const second = stage.call(2);
    stage.server.last('tools/call').end(unsent);
    expect(linkIn(second.messages[0])).toBe(linkIn(call.messages[0]));
    expect(second.messages[0].id).not.toBe(call.messages[0].id);
    stage.say(answerTo(call.messages[0], 'accept'));
    signedIn();
    expect(calls(stage)).toBe(4);
  });

  it('what was sent is not asked about, whatever its problem (a stream that broke off)', () => {
    const other = stage.call(3);
    stage.server.last('tools/call').end({ problem: needsSignIn() });
    expect(other.messages).toEqual([]);
    expect(other.ended).toBe('needs-sign-in');
  });

  it('lists are not asked about', () => {
    const list = stage.say({ id: 4, method: 'tools/list' });
    stage.server.last('tools/list').end(unsent);
    expect([list.messages, list.ended]).toEqual([[], 'needs-sign-in']);
  });
});

describe.each(['legacy', 'modern'] as const)('a call that waits, in the %s era', (era) => {
  const meta =
    era === 'legacy'
      ? { progressToken: 'p7' }
      : {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': pages,
          progressToken: 'p7',
        };
  /** Up to the moment where the person has agreed. */
  const hold = (_meta: object | undefined = meta): { stage: Stage; held: Heard } => {
    const stage = setStage(era, pages, 'Linear');
    const call = stage.call(1, { _meta });
    stage.server.last('tools/call').end(unsent);
    if (era === 'legacy') {
      stage.say(answerTo(call.messages[0], 'accept'));
      return { stage, held: call };
    }
    const { requestState } = call.messages[0].result;
    const inputResponses = { 'drawbridge-sign-in': { action: 'accept' } };
    return { stage, held: stage.call(2, { requestState, inputResponses, _meta }) };
  };
  const progress = ({ messages }: Heard): Json[] =>
    messages.filter(({ method }) => method === 'notifications/progress');

  it('tells of progress four times a minute, which increases and stays below what the server may say', async () => {
    const { stage, held } = hold();
    await clock.advance(14_999);
    expect(progress(held)).toEqual([]);
    await clock.advance(1 + 3 * 15_000);
    const said = progress(held).map(({ params }) => params);
    expect(said).toHaveLength(4);
    for (const each of said)
      expect(each).toMatchObject({
        progressToken: 'p7',
        message: 'waiting for you to sign in to Linear',
      });
    const values = said.map((params) => params.progress);
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
    expect(values.at(-1)).toBeLessThan(0);

    signedIn();
    await clock.advance(60_000);
    expect(progress(held)).toHaveLength(4);
    expect([clock.waits(), calls(stage)]).toEqual([[], 2]);
  });

  it('tells nothing of it where the AI client did not ask for progress', async () => {
    const { progressToken: _token, ...others } = meta;
    const { held } = hold(others);
    await clock.advance(60_000);
    expect(progress(held)).toEqual([]);
  });

  it('stops when it is given up', async () => {
    const { stage, held } = hold();
    held.giveUp();
    await clock.advance(60_000);
    expect([progress(held), clock.waits()]).toEqual([[], []]);
    stage.close();
  });

  it('stops when the AI client leaves', () => {
    const { stage } = hold();
    stage.close();
    expect(clock.waits()).toEqual([]);
  });

  it('stops with the error when nobody signs in', async () => {
    const { held } = hold();
    await clock.advance(HOLD_MS);
    expect([held.ended, clock.waits()]).toEqual(['needs-sign-in', []]);
    // The last would be due at the very end of the wait, if at all.
    expect(progress(held).length).toBeLessThan(9);
  });
});

it('a question that nobody has answered yet keeps the call alive as well (legacy era)', async () => {
  const stage = setStage('legacy');
  const call = stage.call(1, { _meta: { progressToken: 5 } });
  stage.server.last('tools/call').end(unsent);
  await clock.advance(30_000);
  stage.say(answerTo(call.messages[0], 'accept'));
  await clock.advance(15_000);
  const values = call.messages
    .filter(({ method }) => method === 'notifications/progress')
    .map(({ params }) => params.progress);
  // One row, also over the yes.
  expect(values).toEqual([-1, -1 / 2, -1 / 3]);
  stage.close();
});

describe('in the modern era (F1)', () => {
  let stage: Stage;
  let call: Heard;
  const retry = (id: number, action: string, more: object = {}): Heard => {
    const { requestState } = call.messages[0].result;
    const inputResponses = { 'drawbridge-sign-in': { action } };
    return stage.call(id, { requestState, inputResponses, ...more });
  };
  beforeEach(() => {
    stage = setStage('modern');
    call = stage.call(1);
    stage.server.last('tools/call').end(unsent);
  });

  it('the call goes on after the sign-in, once, as it was', () => {
    expect(call.ended).toBe('fine');
    const { result } = call.messages[0];
    expect(result.resultType).toBe('input_required');
    expect(Object.values(result.inputRequests)).toEqual([
      {
        method: 'elicitation/create',
        params: {
          mode: 'url',
          url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:7\/sign-in\//),
          message: expect.stringContaining('at sign-in.example'),
        },
      },
    ]);
    const again = retry(2, 'accept');
    expect(calls(stage)).toBe(1);
    signedIn();
    signedIn();
    expect(calls(stage)).toBe(2);
    const [first, second] = stage.server.of('tools/call');
    expect(second?.json).toEqual({ ...first?.json, id: 2 });
    expect(second?.envelope.params).not.toHaveProperty('requestState');
    second?.answer({ content: [] });
    expect(again.messages).toMatchObject([{ id: 2, result: { content: [] } }]);
  });

  it('a sign-in that is over when the retry comes is not waited for', () => {
    signedIn();
    retry(2, 'accept');
    expect(calls(stage)).toBe(2);
  });

  it('one that has failed by then is told', () => {
    failed();
    expect(retry(2, 'accept').ended).toBe('access-denied');
  });

  it('a retry does not ask again', () => {
    signedIn();
    const again = retry(2, 'accept');
    stage.server.last('tools/call').end(unsent);
    expect([again.messages, again.ended]).toEqual([[], 'needs-sign-in']);
    expect(calls(stage)).toBe(2);
  });

  it.each(['decline', 'cancel', 'nonsense'])('%s is the error, and nothing is sent', (action) => {
    usable = true;
    expect(retry(2, action).ended).toBe('needs-sign-in');
    expect(calls(stage)).toBe(1);
  });

  it('a sign-in that does not come in time is the error', async () => {
    const again = retry(2, 'accept');
    await clock.advance(HOLD_MS);
    expect(again.ended).toBe('needs-sign-in');
    signedIn();
    expect(calls(stage)).toBe(1);
  });

  it.each(['given up', 'closed'])('a retry that is %s is not made later', (how) => {
    const again = retry(2, 'accept');
    if (how === 'closed') stage.close();
    else again.giveUp();
    signedIn();
    expect(calls(stage)).toBe(1);
    expect(clock.waits()).toEqual([]);
  });

  it('an old failure is nobody’s, once somebody is asked again', () => {
    failed();
    const other = stage.call(5);
    stage.server.last('tools/call').end(unsent);
    expect(linkIn(other.messages[0])).toBe(linkIn(call.messages[0]));
    expect(retry(6, 'accept').ended).toBeUndefined();
  });

  it('a round of a question of the server is never mixed with ours', () => {
    const round = stage.call(7, { requestState: 'the server’s', inputResponses: {} });
    expect(stage.server.last('tools/call').json.params.requestState).toBe('the server’s');
    stage.server.last('tools/call').end(unsent);
    expect([round.messages, round.ended]).toEqual([[], 'needs-sign-in']);
  });
});

describe.each(['legacy', 'modern'] as const)('in the %s era', (era) => {
  it.each([{}, { elicitation: {} }, { elicitation: { form: {} } }, { elicitation: { url: 1 } }])(
    'an AI client that declares %j gets the readable error',
    (capabilities) => {
      const stage = setStage(era, capabilities);
      const call = stage.call(1);
      stage.server.last('tools/call').end(unsent);
      expect([call.messages, call.ended]).toEqual([[], 'needs-sign-in']);
    },
  );
});
