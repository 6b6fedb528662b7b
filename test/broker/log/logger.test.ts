import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../broker/log/logger.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

const openLog = () => {
  const lines: string[] = [];
  const log = createLogger((line) => lines.push(line), {
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    steady: () => 0,
    after: () => () => undefined,
  });
  return { log, lines, last: () => lines.at(-1) ?? '' };
};

describe('a log line', () => {
  it('is one JSON object, with time, level and event first', () => {
    const { log, lines } = openLog();

    log.info('started', { version: '1' });
    log.warn('odd');
    log.error('bad', { text: 'two\nlines' });

    expect(lines).toEqual([
      '{"at":"2026-01-02T03:04:05.006Z","level":"info","event":"started","version":"1"}',
      '{"at":"2026-01-02T03:04:05.006Z","level":"warn","event":"odd"}',
      '{"at":"2026-01-02T03:04:05.006Z","level":"error","event":"bad","text":"two\\nlines"}',
    ]);
  });
});

describe('a secret in the log', () => {
  const secret = new Secret('canary-secret-1');

  it.each<[where: string, fields: Record<string, unknown>]>([
    ['as a field', { token: secret }],
    ['deep inside', { a: [{ b: { c: secret } }] }],
    ['in a template', { text: `token ${secret}` }],
    ['as an error’s cause', { error: new ProblemError('internal', 'm', { cause: secret }) }],
    ['in an error’s cause', { error: new Error('m', { cause: { secret } }) }],
    ['in an error’s member', { error: Object.assign(new Error('m'), { secret }) }],
  ])('does not show (%s)', (_where, fields) => {
    const { log, last } = openLog();

    log.info('event', fields);

    expect(last()).toContain('"event":"event"');
    expect(last()).not.toContain('canary');
  });
});

describe('a concealed value', () => {
  const plain = 'canary-token.of-letters_only';
  const odd = 'canary "quoted" \\ slash/plus+equals=&ü\n\u0001';

  it.each<[where: string, value: string, text: string]>([
    ['in text', plain, `before ${plain} after`],
    ['twice', plain, `${plain},${plain}`],
    ['in a URL', plain, `https://server.example/?token=${plain}#x`],
    ['with odd letters, in text', odd, `before ${odd} after`],
    ['with odd letters, in a URL', odd, `https://server.example/?token=${encodeURIComponent(odd)}`],
    ['with odd letters, in a form', odd, new URLSearchParams({ token: odd }).toString()],
    ['with odd letters, in JSON', odd, JSON.stringify({ error: odd })],
  ])('is cut out of foreign text (%s)', (_where, value, text) => {
    const { log, last } = openLog();
    log.conceal(new Secret(value));

    log.info('event', { text, nested: [{ text }] });

    expect(last()).toContain('[secret]');
    expect(last()).not.toContain('canary');
    expect(() => JSON.parse(last())).not.toThrow();
  });

  it('is cut out of names of fields as well', () => {
    const { log, last } = openLog();
    log.conceal(new Secret(plain));

    log.info('event', { [plain]: 1 });

    expect(last()).not.toContain('canary');
  });

  it('is cut out of what was concealed first and last', () => {
    const { log, last } = openLog();
    for (let n = 0; n < 100; n++) log.conceal(new Secret(`canary-${1000 + n}`));

    log.info('event', { text: 'canary-1000 canary-1099' });

    expect(last()).toContain('"text":"[secret] [secret]"');
  });

  it('too short to be a secret is left in, or words would be cut out', () => {
    const { log, last } = openLog();
    log.conceal(new Secret('signed'));
    log.conceal(new Secret(''));

    log.info('signed-in');

    expect(last()).toContain('"event":"signed-in"');
  });
});

describe('an error in the log', () => {
  it('of ours shows its code and sentence', () => {
    const { log, last } = openLog();

    log.error('failed', {
      error: new ProblemError('cannot-save', 'no room', {
        cause: Object.assign(new Error('canary-path'), { code: 'ENOSPC' }),
      }),
    });

    expect(JSON.parse(last())).toMatchObject({
      error: {
        code: 'cannot-save',
        message: 'no room',
        cause: { name: 'Error', code: 'ENOSPC', at: expect.stringContaining('logger.test.ts') },
      },
    });
    expect(last()).not.toContain('canary');
  });

  it.each<[what: string, error: Error]>([
    ['its message', new Error('canary')],
    [
      'a message of many lines that looks like a stack',
      new Error('first\n    at canary (canary.js:1:1)\nlast'),
    ],
    ['its cause’s message', new Error('x', { cause: new TypeError('canary') })],
    ['a cause that is text', new Error('x', { cause: 'canary' })],
    ['a cause of ours that is text', new ProblemError('internal', 'x', { cause: 'canary' })],
    [
      'a cause of ours that is an answer',
      new ProblemError('internal', 'x', { cause: { error_description: 'canary' } }),
    ],
    [
      'its members',
      Object.assign(new Error('x'), { body: 'canary', response: { text: 'canary' } }),
    ],
    ['many in one', new AggregateError([new Error('canary')], 'canary')],
  ])('of somebody else does not show %s', (_what, error) => {
    const { log, last } = openLog();

    log.error('failed', { error, deep: { errors: [error] } });

    expect(last()).toMatch(/"(name|code)":"\w+/);
    expect(last()).not.toContain('canary');
  });
});
