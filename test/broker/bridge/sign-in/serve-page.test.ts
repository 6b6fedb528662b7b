/** What does the page answer when a sign-in begins in a way that a browser cannot follow, or not at all? */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { type ServePageDeps, servePage } from '../../../../broker/bridge/sign-in/serve-page.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { browse, ownForm, type Page } from './visit.ts';

type SignIns = ServePageDeps['signIns'];

const key = { server: 'one', account: 'default' };

const idle: SignIns = {
  start: () => 'discovering',
  link: () => Promise.reject(new ProblemError('not-found', 'no sign-in is running')),
  ended: () => undefined,
  running: () => undefined,
};

const post = async (signIns: Partial<SignIns>, method: 'GET' | 'POST' = 'POST'): Promise<Page> => {
  const serve = servePage({
    pages: { at: () => key },
    subjectOf: () => ({
      title: '<script>alert(1)</script>',
      address: new URL('https://mcp.example/%3Cb%3E?secret=fake'),
      account: 'default',
      issuerHost: undefined,
    }),
    signIns: { ...idle, ...signIns },
  });
  const server = createServer((request, response) => void serve(request, response, 'n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await browse(
      `http://127.0.0.1:${port}/sign-in/n`,
      method,
      method === 'POST' ? ownForm : {},
    );
  } finally {
    server.close();
  }
};

it('what a server calls itself is text, and the query of its address is not shown', async () => {
  const { text } = await post({}, 'GET');
  expect(text).not.toContain('<script');
  expect(text).toContain('&#60;script&#62;');
  expect(text).not.toContain('secret=fake');
});

it.each(['https://as.example/authorize?x=1', 'http://127.0.0.1:9/authorize'])(
  'the browser goes on to %s',
  async (link) => {
    const { status, headers } = await post({ link: async () => link });
    expect([status, headers['location']]).toEqual([303, link]);
  },
);

it.each(['http://as.example/', 'javascript:alert(1)', 'file:///etc/passwd', 'nonsense'])(
  'and never to %s',
  async (link) => {
    const { status, headers, text } = await post({ link: async () => link });
    expect([status, headers['location']]).toEqual([502, undefined]);
    expect(text).toContain('unsafe address');
  },
);

it('a sign-in with a code on another device is not one for this browser', async () => {
  const device = { userCode: 'FAKE-CODE', address: 'https://as.example/device' };
  const { status, text } = await post({
    link: async () => 'https://as.example/device',
    running: () => ({
      ...{ step: 'waiting-for-browser', startedAt: 0, device },
      choice: { openBrowser: false, onDevice: true, chooseAccount: false, moreScopes: [] },
    }),
  });
  expect(status).toBe(409);
  expect(text).toContain('another device');
  expect(text).not.toContain('FAKE-CODE');
});

it('one that needs nobody is over at once', async () => {
  const { status, text } = await post({ ended: () => ({}) });
  expect(status).toBe(200);
  expect(text).toContain('You are signed in');
});

it('one that fails says why, as text', async () => {
  const problem = {
    code: 'sign-in-refused',
    message: 'no <b>way</b>',
    hint: 'ask & wait',
  } as const;
  const { status, text } = await post({ ended: () => ({ problem }) });
  expect(status).toBe(422);
  expect(text).toContain('no &#60;b&#62;way&#60;/b&#62;');
  expect(text).toContain('ask &#38; wait');
});

it('one that may not begin says why', async () => {
  const { text } = await post({
    start: () => {
      throw new ProblemError('sign-in-running', 'another sign-in is under way');
    },
  });
  expect(text).toContain('another sign-in is under way');
});
