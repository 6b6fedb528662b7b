/** Does a marked call wait for the person, and is it made once after a yes, or not at all? */
import { describe, expect, it } from 'vitest';
import {
  APPROVAL_MS,
  MOST_OF_ONE,
  MOST_WAITING,
} from '../../../../broker/bridge/shaping/approvals.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';
import { call, initialize, modernMeta, type Stage, setStage } from './stage.ts';

const pages = { elicitation: { url: {} } };
const showing = { _meta: modernMeta({ 'io.modelcontextprotocol/clientCapabilities': pages }) };
const marked = (): Stage => {
  const stage = setStage();
  stage.rule({ approve: ['delete_*'] });
  return stage;
};
const idOf = ({ shaping }: Stage): string => shaping.approvals.all()[0]?.id ?? 'none';
const answer = (stage: Stage, allow: boolean): void =>
  stage.shaping.approvals.answer(idOf(stage), allow);
/** What `seen` and the doors make a readable result of. */
const codes = { no: 'not-approved', late: 'approval-timed-out', full: 'too-many-approvals' };

describe.each(['legacy', 'modern'] as const)('a marked call of the %s era without pages', (era) => {
  it('is made once after a yes, and its answer is the server’s', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    const heard = client.say(call(1, 'delete_b'));
    expect(client.server.said).toEqual([]);
    expect(stage.shaping.approvals.all()).toEqual([
      {
        ...{ id: idOf(stage), server: 'one', account: 'default', aiClient: 'Cursor' },
        ...{
          tool: 'delete_b',
          askedAt: stage.clock.now(),
          endsAt: stage.clock.now() + APPROVAL_MS,
        },
      },
    ]);
    answer(stage, true);
    expect(client.server.of('tools/call').map(({ json }) => json.params.name)).toEqual([
      'delete_b',
    ]);
    client.server.last('tools/call').answer({ content: [] });
    expect(heard.messages).toEqual([{ jsonrpc: '2.0', id: 1, result: { content: [] } }]);
    expect(heard.ended).toBe('fine');
    expect(stage.shaping.approvals.all()).toEqual([]);
  });

  it('is not made after a no, and says so', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    const heard = client.say(call(1, 'delete_b'));
    answer(stage, false);
    expect(heard.ended).toBe(codes.no);
    expect(client.server.said).toEqual([]);
  });

  it('is not made when nobody answers in time, and not by an answer after it', async () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    const heard = client.say(call(1, 'delete_b'));
    const id = idOf(stage);
    await stage.clock.advance(APPROVAL_MS - 1);
    expect(heard.ended).toBeUndefined();
    await stage.clock.advance(1);
    expect(heard.ended).toBe(codes.late);
    expect(() => stage.shaping.approvals.answer(id, true)).toThrow('no call waits');
    expect(client.server.said).toEqual([]);
  });

  it('waits no longer when its AI client gives it up, or leaves', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    client.say(call(1, 'delete_b')).giveUp();
    expect(stage.shaping.approvals.all()).toEqual([]);
    client.say(call(2, 'delete_b'));
    client.close();
    expect(stage.shaping.approvals.all()).toEqual([]);
    expect(client.server.said).toEqual([]);
  });

  it('is given up at the server when it was made already', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    const heard = client.say(call(1, 'delete_b'));
    answer(stage, true);
    heard.giveUp();
    expect(client.server.last('tools/call').givenUp).toBe(true);
  });

  it('is refused after a yes when it was switched off meanwhile', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    const heard = client.say(call(1, 'delete_b'));
    stage.rule({ deny: ['delete_b'] });
    answer(stage, true);
    expect(heard.messages[0].error.code).toBe(-32602);
    expect(client.server.said).toEqual([]);
  });

  it('is not asked about where it is switched off, or for reading only', () => {
    const stage = marked();
    stage.rule({ readOnly: true });
    const { messages } = stage.connect(era, 'Cursor').say(call(1, 'delete_b'));
    expect(messages[0].error.code).toBe(-32602);
    expect(stage.shaping.approvals.all()).toEqual([]);
  });

  it('leaves others their way', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    client.say(call(1, 'delete_b'));
    client.say(call(2, 'get_a'));
    expect(client.server.said.map(({ json }) => json.id)).toEqual([2]);
  });

  it('that wants no answer is never made', () => {
    const stage = marked();
    const client = stage.connect(era, 'Cursor');
    client.say({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'delete_b' } });
    expect(client.server.said).toEqual([]);
    expect(stage.shaping.approvals.all()).toEqual([]);
  });
});

it('a call of the legacy era that is cancelled waits no longer, and the server never hears of it', () => {
  const stage = marked();
  const client = stage.connect('legacy', 'Cursor');
  const heard = client.say(call(1, 'delete_b'));
  client.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(heard.ended).toBe('fine');
  expect(stage.shaping.approvals.all()).toEqual([]);
  expect(client.server.said).toEqual([]);
});

describe('so many calls', () => {
  it('may wait of one AI client, and so many of all', () => {
    const stage = marked();
    const of = (name: string) => stage.connect('modern', name).say(call(1, 'delete_b')).ended;
    for (let at = 0; at < MOST_OF_ONE; at += 1) expect(of('Cursor')).toBeUndefined();
    expect(of('Cursor')).toBe(codes.full);
    for (let at = MOST_OF_ONE; at < MOST_WAITING; at += 1)
      expect(of(`other ${at}`)).toBeUndefined();
    expect(of('one more')).toBe(codes.full);
    answer(stage, false);
    expect(of('one more')).toBeUndefined();
  });
});

describe('with what a call is made', () => {
  it('is told under its id alone, as it came, and harmless to look at', () => {
    const stage = marked();
    const said = '{ "path":"/etc", "path":"\u202e\u0007\u{e0001}" }';
    stage
      .connect('legacy', 'Cursor')
      .say(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_b","arguments":${said.replace('\u0007', '\\u0007')}}}`,
      );
    expect(stage.shaping.approvals.argumentsOf(idOf(stage))).toEqual({
      text: '{ "path":"/etc", "path":"\\u202e\\u0007\\udb40\\udc01" }',
      more: 0,
    });
    expect(JSON.stringify(stage.shaping.view())).not.toContain('/etc');
  });

  it('is held up to a size, and says how much is not shown', () => {
    const stage = marked();
    stage
      .connect('legacy', 'Cursor')
      .say(call(1, 'delete_b', { arguments: { x: 'y'.repeat(20_000) } }));
    const { text, more } = stage.shaping.approvals.argumentsOf(idOf(stage));
    expect([text.length, more]).toEqual([16_384, 20_000 + '{"x":""}'.length - 16_384]);
  });
});

describe('an AI client of the legacy era that shows pages', () => {
  const open = () => {
    const stage = marked();
    const client = stage.connect('legacy', 'Cursor');
    client.say(initialize('Cursor', pages));
    const heard = client.say(call(1, 'delete_b'));
    const question: Json = heard.messages[0];
    const reply = (action: string) =>
      client.say({ jsonrpc: '2.0', id: question.id, result: { action } });
    return { stage, client, heard, question, reply };
  };

  it('is given one, whose address holds nothing of the call', () => {
    const { stage, question } = open();
    expect(question).toMatchObject({
      method: 'elicitation/create',
      params: {
        mode: 'url',
        elicitationId: expect.any(String),
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1234\/approve\/[\w-]{43}$/),
        message: expect.stringContaining('delete_b at Scripted [31m waits for your approval'),
      },
    });
    expect(question.params.url).not.toContain(idOf(stage));
  });

  it('does not approve by opening it; the person does', () => {
    const { stage, client, heard, reply } = open();
    reply('accept');
    expect(client.server.of('tools/call')).toEqual([]);
    answer(stage, true);
    expect(client.server.of('tools/call')).toHaveLength(1);
    expect(heard.messages[1].method).toBe('notifications/elicitation/complete');
    // The server hears nothing of a question that it did not ask.
    expect(client.server.said.map(({ json }) => json.method)).toEqual(['initialize', 'tools/call']);
  });

  it.each(['decline', 'cancel'])('may say no itself: %s', (action) => {
    const { stage, client, heard, reply } = open();
    reply(action);
    expect(heard.ended).toBe(codes.no);
    expect(stage.shaping.approvals.all()).toEqual([]);
    reply('accept');
    expect(client.server.of('tools/call')).toEqual([]);
  });

  it('has its question taken back when the person answers in Drawbridge', () => {
    const { stage, client, heard, question, reply } = open();
    answer(stage, true);
    expect(heard.messages[1]).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: question.id },
    });
    reply('accept');
    expect(client.server.of('tools/call')).toHaveLength(1);
  });
});

describe('an AI client of the modern era that shows pages', () => {
  const open = () => {
    const stage = marked();
    const client = stage.connect('modern', 'Cursor');
    const heard = client.say(call(1, 'delete_b', showing));
    const { inputRequests, requestState } = heard.messages[0].result;
    const retry = (action = 'accept', more: object = {}) =>
      client.say(
        call(2, 'delete_b', {
          ...{ requestState, inputResponses: { 'drawbridge-approval': { action } } },
          ...{ ...showing, ...more },
        }),
      );
    return { stage, client, heard, inputRequests, requestState, retry };
  };

  it('is given one at once, and its retry goes on when the person has allowed it', () => {
    const { stage, client, heard, inputRequests, retry } = open();
    expect(heard.messages[0].result.resultType).toBe('input_required');
    expect(inputRequests['drawbridge-approval'].params.url).toMatch(/\/approve\/[\w-]{43}$/);
    expect(heard.ended).toBe('fine');
    const again = retry();
    expect(client.server.said).toEqual([]);
    answer(stage, true);
    const { params } = client.server.last('tools/call').json;
    expect(Object.keys(params).sort()).toEqual(['_meta', 'arguments', 'name']);
    client.server.last('tools/call').answer({ resultType: 'complete', content: [] });
    expect(again.messages[0].id).toBe(2);
  });

  it('goes on at once where the person was quicker, and once only', () => {
    const { stage, client, retry } = open();
    answer(stage, true);
    retry();
    expect(client.server.of('tools/call')).toHaveLength(1);
    retry();
    expect(client.server.of('tools/call')).toHaveLength(1);
    expect(stage.shaping.approvals.all()).toHaveLength(1);
  });

  it('gets one call for two retries', () => {
    const { stage, client, retry } = open();
    retry();
    retry();
    answer(stage, true);
    expect(client.server.of('tools/call')).toHaveLength(1);
  });

  it('hears a no that came before its retry, or says it itself', () => {
    const first = open();
    answer(first.stage, false);
    expect(first.retry().ended).toBe(codes.no);
    const second = open();
    expect(second.retry('decline').ended).toBe(codes.no);
    expect(second.stage.shaping.approvals.all()).toEqual([]);
  });

  it.each<[string, object]>([
    ['other arguments', { arguments: { path: '/' } }],
    ['another tool', { name: 'delete_c' }],
  ])('cannot use a yes for %s than the person has seen', (_what, more) => {
    const { stage, client, retry } = open();
    answer(stage, true);
    const heard = retry('accept', more);
    expect(client.server.said).toEqual([]);
    expect(heard.messages[0].result.resultType).toBe('input_required');
  });

  it('cannot use a yes that another AI client was given', () => {
    const { stage, requestState } = open();
    answer(stage, true);
    const thief = stage.connect('modern', 'Claude');
    thief.say(call(9, 'delete_b', { requestState, inputResponses: {}, ...showing }));
    expect(thief.server.said).toEqual([]);
  });

  it('is asked anew when it retries too late', async () => {
    const { stage, client, heard, retry } = open();
    await stage.clock.advance(APPROVAL_MS);
    expect(stage.shaping.approvals.all()).toEqual([]);
    const again = retry();
    expect(again.messages[0].result.requestState).not.toBe(heard.messages[0].result.requestState);
    expect(client.server.said).toEqual([]);
  });

  it('leaves nothing behind that waits', () => {
    const { stage, client } = open();
    client.close();
    expect(stage.shaping.approvals.all()).toEqual([]);
  });
});

describe('what the server asks on the way of a call that was allowed', () => {
  const open = () => {
    const stage = marked();
    const client = stage.connect('modern', 'Cursor');
    client.say(call(1, 'delete_b'));
    answer(stage, true);
    client.server
      .last('tools/call')
      .answer({ resultType: 'input_required', requestState: 's', inputRequests: {} });
    const round = (more: object = {}) =>
      client.say(call(2, 'delete_b', { requestState: 's', inputResponses: {}, ...more }));
    return { stage, client, round };
  };

  it('belongs to it: its answer is not asked about again, and counts once', () => {
    const { stage, client, round } = open();
    round();
    expect(client.server.of('tools/call')).toHaveLength(2);
    expect(client.server.last('tools/call').json.params.requestState).toBe('s');
    round();
    expect(client.server.of('tools/call')).toHaveLength(2);
    expect(stage.shaping.approvals.all()).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['another state', { requestState: 'mine' }],
    ['other arguments', { arguments: { path: '/' } }],
  ])('cannot be made up with %s to get around the person', (_what, more) => {
    const { stage, client, round } = open();
    round(more);
    expect(client.server.of('tools/call')).toHaveLength(1);
    expect(stage.shaping.approvals.all()).toHaveLength(1);
  });
});
