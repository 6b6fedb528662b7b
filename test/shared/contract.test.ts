import { describe, expect, it } from 'vitest';
import { stateWords } from '../../shared/account-words.ts';
import { type Answer, createControlClient } from '../../shared/contract/client.ts';
import { keyText, ServerId } from '../../shared/contract/ids.ts';
import {
  Problem,
  ProblemError,
  problemCodes,
  problemError,
  toProblem,
} from '../../shared/contract/problems.ts';
import { routes } from '../../shared/contract/routes.ts';
import { AccountState, type Snapshot } from '../../shared/contract/snapshot.ts';
import { aServer, aSnapshot } from './snapshots.ts';

describe('a problem', () => {
  it('travels with code, sentence and hint, and never with its cause', () => {
    const error = new ProblemError('cannot-save', 'no room', {
      hint: 'make some',
      cause: new Error('canary'),
    });

    expect(toProblem(error)).toEqual({
      code: 'cannot-save',
      message: 'no room',
      hint: 'make some',
    });
    expect(JSON.stringify(problemError(toProblem(error)).problem)).toBe(
      JSON.stringify(error.problem),
    );
    expect(new ProblemError('internal', 'm').problem).toEqual({ code: 'internal', message: 'm' });
  });

  it.each([
    new Error('canary'),
    'canary',
    undefined,
    null,
    { code: 'needs-sign-in', message: 'canary' },
  ])('is all that is told of any other failure (%s)', (thrown) => {
    expect(toProblem(thrown)).toEqual({
      code: 'internal',
      message: expect.not.stringContaining('canary'),
    });
  });

  it('has a status that says failure, and a reason, for every code', () => {
    const rows = Object.entries(problemCodes);

    expect(rows.filter(([, { status }]) => status < 400 || status > 599)).toEqual([]);
    expect(rows.filter(([, { when }]) => when.length < 10)).toEqual([]);
    expect(Problem.safeParse({ code: 'no-such-code', message: 'm' }).success).toBe(false);
  });
});

describe('an id', () => {
  it.each(['a', '0', 'a-b', 'a'.repeat(20)])('may be %s', (id) => {
    expect(ServerId.safeParse(id).success).toBe(true);
  });

  it.each(['', '-a', 'A', 'a/b', 'a.b', 'ä', '..', '__proto__', 'a\n', 'a'.repeat(21)])(
    'may not be %j',
    (id) => {
      expect(ServerId.safeParse(id).success).toBe(false);
    },
  );

  it('makes one key with another', () => {
    expect(keyText({ server: 'a', account: 'b' })).toBe('a/b');
  });
});

describe('the words for states', () => {
  it('are there for every state', () => {
    expect(Object.keys(stateWords).sort()).toEqual([...AccountState.options].sort());
  });
});

/** A control plane that gives one answer, and notes what it was asked. */
const answering = (answer: () => Response | Promise<Response>) => {
  const asked: { method: string; url: string; body: string; type: string | null }[] = [];
  const control: Answer = async (request) => {
    const { method, url, headers } = request;
    asked.push({
      method,
      url,
      body: await request.clone().text(),
      type: headers.get('content-type'),
    });
    return answer();
  };
  return { asked, client: createControlClient(control, 'http://control.test') };
};

describe('the control client', () => {
  it('asks as the table of routes says', async () => {
    const { asked, client } = answering(() => Response.json({ step: 'discovering' }));

    expect(await client.signIn({ server: 'a', account: 'b' }, { openBrowser: false })).toEqual({
      step: 'discovering',
    });

    expect(asked).toEqual([
      {
        method: 'POST',
        url: 'http://control.test/api/servers/a/accounts/b/sign-in',
        body: '{"openBrowser":false}',
        type: 'application/json',
      },
    ]);
  });

  it('sends no body where there is none to send', async () => {
    const { asked, client } = answering(() => Response.json({}));

    await client.removeServer({ server: 'a' });

    expect(asked).toEqual([
      { method: 'DELETE', url: 'http://control.test/api/servers/a', body: '', type: null },
    ]);
  });

  it('lets no id leave its place in the path', async () => {
    const { asked, client } = answering(() => Response.json({}));

    await client.removeServer({ server: '../../x?y#z' });

    expect(asked[0]?.url).toBe('http://control.test/api/servers/..%2F..%2Fx%3Fy%23z');
  });

  it('has a call for every route', () => {
    const { client } = answering(() => Response.json({}));

    expect(Object.keys(client).sort()).toEqual([...Object.keys(routes), 'snapshots'].sort());
  });

  it('rejects with the problem that the broker told', async () => {
    const error = { code: 'server-exists', message: 'taken', hint: 'choose another' };
    const { client } = answering(() => Response.json({ error }, { status: 409 }));

    await expect(client.addServer({ url: 'https://a.example' })).rejects.toMatchObject({
      name: 'ProblemError',
      ...error,
    });
  });

  it.each<[what: string, answer: () => Response]>([
    ['a page of somebody else', () => new Response('<html>canary', { status: 502 })],
    ['a failure without a problem', () => Response.json({ error: 'canary' }, { status: 500 })],
    [
      'a problem with an unknown code',
      () => Response.json({ error: { code: 'canary', message: 'canary' } }, { status: 500 }),
    ],
    ['a success that is none', () => new Response('canary')],
    ['a reply of another shape', () => Response.json({ step: 'canary' })],
  ])('rejects with bad-answer on %s', async (_what, answer) => {
    const { client } = answering(answer);

    const failure: unknown = await client
      .signIn({ server: 'a', account: 'b' }, {})
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'bad-answer' });
    expect(String(failure)).not.toContain('canary');
  });

  it('passes on why nothing could be asked', async () => {
    const { client } = answering(() => Promise.reject(new TypeError('fetch failed')));

    await expect(client.snapshot()).rejects.toThrow('fetch failed');
  });
});

describe('the stream of snapshots', () => {
  // Letters of two bytes, so that some pieces end in the middle of one.
  const first = aSnapshot({ ...aServer('a', { state: 'open' }), title: 'äöü' });
  const second = { ...first, revision: 2 };
  const events = (...snapshots: Snapshot[]): string =>
    snapshots
      .map((snapshot) => `id: ${snapshot.revision}\ndata: ${JSON.stringify(snapshot)}\n\n`)
      .join('');

  /** A stream in pieces of so many bytes, which stays open if told to. */
  const stream = (text: string, size: number, cancelled = (): void => undefined, stays = false) => {
    const bytes = new TextEncoder().encode(text);
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let at = 0; at < bytes.length; at += size)
          controller.enqueue(bytes.slice(at, at + size));
        if (!stays) controller.close();
      },
      cancel: cancelled,
    });
  };
  const read = async (client: ReturnType<typeof createControlClient>): Promise<Snapshot[]> => {
    const all: Snapshot[] = [];
    for await (const snapshot of client.snapshots(new AbortController().signal)) all.push(snapshot);
    return all;
  };

  it.each([1, 2, 3, 7, 1000])('is understood in pieces of %i bytes', async (size) => {
    const { client, asked } = answering(
      () => new Response(stream(`: hello\n\n${events(first, second)}`, size)),
    );

    expect(await read(client)).toEqual([first, second]);
    expect(asked[0]?.url).toBe('http://control.test/api/events');
  });

  it('drops an event that was cut off', async () => {
    const { client } = answering(
      () => new Response(stream(events(first) + events(second).slice(0, -1), 50)),
    );

    expect(await read(client)).toEqual([first]);
  });

  it('is let go when its reader leaves', async () => {
    let cancelled = false;
    const { client } = answering(
      () => new Response(stream(events(first), 1000, () => void (cancelled = true), true)),
    );

    for await (const snapshot of client.snapshots(new AbortController().signal)) {
      expect(snapshot.revision).toBe(1);
      break;
    }

    await expect.poll(() => cancelled).toBe(true);
  });

  it('rejects with the problem when it is refused', async () => {
    const error = { code: 'no-session', message: 'no session' };
    const { client } = answering(() => Response.json({ error }, { status: 401 }));

    await expect(read(client)).rejects.toMatchObject(error);
  });

  it('rejects when an event is no snapshot', async () => {
    const { client } = answering(() => new Response(stream('data: {"revision":"one"}\n\n', 100)));

    await expect(read(client)).rejects.toThrow();
  });
});
