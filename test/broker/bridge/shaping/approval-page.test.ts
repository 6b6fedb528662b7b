/** Is the page of a waiting call what a person can use, and nobody else? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import { violations } from '../../../renderer/axe.ts';
import { chromiumAvailable, openChromium } from '../../../servers/chromium.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { type AskedClient, browse, callAndBeAsked, ownForm } from '../sign-in/visit.ts';

let server: McpTestServer;
let drawbridge: InProcessBroker;
let client: AskedClient;

beforeEach(async () => {
  server = await startMcpServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('small', server.url);
  await drawbridge.control.addRule({ approve: ['echo'] });
  client = await callAndBeAsked(drawbridge, 'small');
});
afterEach(async () => {
  client[Symbol.dispose]();
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
});

const waiting = () => drawbridge.broker.snapshot().approvals ?? [];

describe('the page of a waiting call', () => {
  it('shows who wants what, with what, and loads nothing', async () => {
    const { status, text, headers } = await browse(client.link);
    expect(status).toBe(200);
    expect(text).toContain('<strong>test</strong> wants to call <strong>echo</strong>');
    expect(text).toContain('&#34;message&#34;: &#34;there&#34;');
    expect(text).not.toMatch(/<script|https?:/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    expect(waiting()).toHaveLength(1);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['a script', { ...ownForm, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a frame', { ...ownForm, 'sec-fetch-dest': 'iframe' }],
    ['a program that says nothing of itself', {}],
    ['a name of another host', { ...ownForm, host: 'evil.example' }],
  ])(
    'is not answered by a form of %s (CSRF, clickjacking, DNS rebinding)',
    async (_whose, headers) => {
      expect((await browse(`${client.link}?allow`, 'POST', headers)).status).toBe(403);
      expect(waiting()).toHaveLength(1);
    },
  );

  it('is found by no guess, and by no id of the call', async () => {
    const [{ id } = { id: '' }] = waiting();
    const guess = `${client.link.slice(0, -1)}${client.link.endsWith('A') ? 'B' : 'A'}`;
    for (const link of [guess, `${drawbridge.baseOfDoor}/approve/${id}`])
      expect((await browse(`${link}?allow`, 'POST', ownForm)).status).toBe(404);
    expect(waiting()).toHaveLength(1);
  });

  it('is gone when the AI client is', async () => {
    client[Symbol.dispose]();
    await expect.poll(waiting, eventually).toEqual([]);
    expect((await browse(client.link)).status).toBe(404);
  });

  it.skipIf(!chromiumAvailable()).each([
    ['Allow once', 'Allowed once', 'there'],
    ['Deny', 'Nothing was sent.', 'did not allow echo'],
  ])('works in a browser: %s', async (button, says, answer) => {
    await using chromium = await openChromium();
    const context = await chromium.browser.newContext({ colorScheme: 'dark' });
    const page = await context.newPage();
    await page.goto(client.link);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: button }).click();
    await page.getByText(says).waitFor();
    expect(await client.response()).toContain(answer);
  });
});
