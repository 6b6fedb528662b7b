/** What a server has, leafed through on its page, and its tools called by hand. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { CatalogueItem } from '../../shared/contract/catalogue-view.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { ToolAnswer } from '../../shared/contract/tool-call.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, server, signedIn, snapshot } from './scenes.ts';
import { catalogueOf, everyKind, result, tellAll, tool, tools } from './server-scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const key = { server: 'linear', account: 'default' };
const shown = snapshot([server('linear', 'Linear', [signedIn()])]);

const openPart = async (
  open: OpenWindow,
  part: string,
  items?: readonly CatalogueItem[],
): Promise<void> => {
  tellAll(open.drawbridge, items);
  await open.page.goto(`${open.drawbridge.url}#/servers/linear/${part}`);
  await open.page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
};
const openTool = async (open: OpenWindow, one: CatalogueItem): Promise<void> => {
  await openPart(open, 'tools', [one]);
  await open.page.locator('summary').click();
  await callButton(open.page).waitFor();
};
const callButton = (page: Page) => page.getByRole('button', { name: 'Call', exact: true });
const callsOf = ({ drawbridge }: OpenWindow): RouteBody<'callTool'>[] =>
  drawbridge.calls
    .filter(({ route }) => route === 'callTool')
    .map(({ body }) => body as RouteBody<'callTool'>);
const field = (page: Page, name: string) =>
  page.getByRole('form').getByLabel(new RegExp(`^${name}( \\(optional\\))?$`));

describe('leafing through', () => {
  test('each part counts what it has, and shows it with when the server told', async () => {
    await using open = await browser.open(shown);
    await openPart(open, 'tools');
    const { page } = open;
    const parts = page.getByRole('navigation', { name: 'Parts of this page' });
    await expect
      .poll(() => parts.getByRole('link').allInnerTexts())
      .toEqual(['Details', 'Tools\n4', 'Prompts\n1', 'Resources\n2', 'Activity']);
    await page.getByText('as the server told 4 min ago').waitFor();
    const items = page.getByRole('region', { name: 'Tools' }).getByRole('listitem');
    expect(await items.count()).toBe(4);
    expect(await items.nth(0).innerText()).toContain('create_issue');
    expect(await items.nth(1).innerText()).toContain('may destroy something');
    expect(await items.nth(2).innerText()).toContain('changes nothing');
    expect(open.complaints).toEqual([]);
  });

  test('a search is the broker’s, and begins with the first page', async () => {
    const many = Array.from({ length: 130 }, (_, place) => tool(`tool_${place}`));
    await using open = await browser.open(shown);
    await openPart(open, 'tools', many);
    const { page, drawbridge } = open;
    await page.getByText('1 to 50 of 130').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('51 to 100 of 130').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('101 to 130 of 130').waitFor();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByText('51 to 100 of 130').waitFor();
    await page.getByRole('searchbox', { name: 'Search tools' }).fill('tool_12');
    await page.getByText('11 entries').waitFor();
    expect(drawbridge.calls.findLast(({ route }) => route === 'catalogue')).toMatchObject({
      params: key,
      body: { list: 'tools', query: 'tool_12', offset: 0 },
    });
    await page.getByRole('searchbox').fill('nothing of the kind');
    await page.getByText('None has all of these words.').waitFor();
    await expect
      .poll(() => page.getByRole('searchbox').evaluate((one) => one === document.activeElement))
      .toBe(true);
  });

  test('what is not known, and what there is none of, is said', async () => {
    await using open = await browser.open(shown);
    tellAll(open.drawbridge);
    open.drawbridge.on('catalogue', () => ({
      lists: [{ list: 'resources', count: 0, at: Date.now(), stale: true }],
      ...{ found: 0, items: [] },
    }));
    await open.page.goto(`${open.drawbridge.url}#/servers/linear/resources`);
    await open.page.getByText('It has no resources.').waitFor();
    await open.page.getByText('it is otherwise by now').waitFor();
    await open.page.getByText('not known yet which resource templates it has').waitFor();
    expect(await open.page.getByRole('searchbox').count()).toBe(0);
  });

  test('what the broker learns later appears by itself', async () => {
    await using open = await browser.open(shown);
    tellAll(open.drawbridge);
    open.drawbridge.on('catalogue', () => ({ lists: [], found: 0, items: [] }));
    await open.page.goto(`${open.drawbridge.url}#/servers/linear/tools`);
    await open.page.getByText('not known yet which tools it has').waitFor();
    tellAll(open.drawbridge);
    await open.page.getByText('create_issue').waitFor();
  });

  test('a failure says why, and can be tried again', async () => {
    await using open = await browser.open(shown);
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    drawbridge.on('catalogue', () => {
      throw new ProblemError('internal', 'something went wrong inside Drawbridge');
    });
    await page.goto(`${drawbridge.url}#/servers/linear/tools`);
    await page.getByRole('alert').getByText('Something went wrong').waitFor();
    tellAll(drawbridge);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('create_issue').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('prompts, resources and templates open to what is said of them, and lead nowhere', async () => {
    await using open = await browser.open(shown);
    await openPart(open, 'prompts');
    const { page } = open;
    await page.locator('summary').click();
    const prompts = page.getByRole('region', { name: 'Prompts' });
    await prompts.getByText('length (optional)').waitFor();
    await prompts.getByText('From the server').waitFor();
    await page.getByRole('link', { name: 'Resources' }).click();
    await expect.poll(() => page.locator('summary').count()).toBe(2);
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.getByText('linear://documents/bridge-plan').waitFor();
    await page.getByText('12.4 kB').waitFor();
    await page.getByText('linear://issues/{id}').waitFor();
    expect(await page.getByRole('region').getByRole('link').count()).toBe(0);
  });

  test('the latest that was asked of it, with the way to all of it', async () => {
    await using open = await browser.open(shown);
    await openPart(open, 'activity');
    const { page, drawbridge } = open;
    await page.getByText('update_issue').waitFor();
    expect(drawbridge.calls.find(({ route }) => route === 'activity')?.body).toEqual({
      ...{ server: 'linear', limit: 20 },
    });
    await page.getByRole('link', { name: 'All activity' }).click();
    await page.getByRole('heading', { level: 2, name: 'Activity' }).waitFor();
  });
});

describe('what a tool is called with', () => {
  test('comes from a form with a field for each of it', async () => {
    await using open = await browser.open(shown);
    await openTool(open, everyKind);
    const { page } = open;
    expect(await field(page, 'priority').inputValue()).toBe('2');
    await page.getByText('What the issue is called').waitFor();
    await field(page, 'title').fill('The bridge\ncreaks');
    await field(page, 'estimate').fill('1.5');
    await field(page, 'urgent').selectOption({ label: 'false' });
    await field(page, 'state').selectOption({ label: 'doing' });
    await field(page, 'team').selectOption({ label: 'tolls' });
    await field(page, 'labels').fill('["wood", "rope"]');
    await field(page, 'parent').fill('{"id": 7}');
    await callButton(page).click();
    await page.getByText('Answered in 321 ms').waitFor();
    expect(callsOf(open)).toEqual([
      {
        name: 'create_issue',
        arguments: {
          ...{ title: 'The bridge\ncreaks', priority: 2, estimate: 1.5, urgent: false },
          ...{ state: 'doing', team: 'tolls', labels: ['wood', 'rope'], parent: { id: 7 } },
        },
        timeoutS: 60,
        call: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    ]);
    expect(open.complaints).toEqual([]);
  });

  test('is not sent while something is wrong with it, and the first of it has the focus', async () => {
    await using open = await browser.open(shown);
    await openTool(open, everyKind);
    const { page } = open;
    await field(page, 'priority').fill('1.5');
    await field(page, 'estimate').fill('much');
    await field(page, 'labels').fill('{}');
    await field(page, 'parent').fill('{');
    await callButton(page).click();
    for (const words of [
      'The tool wants this.',
      'This is no whole number.',
      'This is no number.',
      'This is no list.',
      'This is no JSON.',
    ])
      await page.getByText(words).waitFor();
    await expect
      .poll(() => field(page, 'title').evaluate((one) => one === document.activeElement))
      .toBe(true);
    expect(await field(page, 'team').getAttribute('aria-invalid')).toBe('true');
    await field(page, 'title').fill('x');
    expect(await page.getByText('The tool wants this.').count()).toBe(0);
    expect(callsOf(open)).toEqual([]);
  });

  test('may be written as JSON, beginning with what was filled in', async () => {
    await using open = await browser.open(shown);
    await openTool(open, everyKind);
    const { page } = open;
    await field(page, 'title').fill('x');
    await page.getByRole('button', { name: 'Write it as JSON' }).click();
    const box = page.getByRole('textbox', { name: 'Arguments as JSON' });
    expect(JSON.parse(await box.inputValue())).toEqual({ title: 'x', priority: 2 });
    await box.fill('[1]');
    await callButton(page).click();
    await page.getByText('Arguments are an object').waitFor();
    await box.fill('{"anything": [1, {"at": "all"}]}');
    await callButton(page).click();
    await page.getByText('Answered in').waitFor();
    expect(callsOf(open).map((call) => call.arguments)).toEqual([{ anything: [1, { at: 'all' }] }]);
    await page.getByRole('button', { name: 'Fill in a form' }).click();
    expect(await field(page, 'title').inputValue()).toBe('x');
  });

  test('is written as JSON at once where a form cannot say it', async () => {
    await using open = await browser.open(shown);
    await openTool(open, tools[3]!);
    await open.page.getByText('A form cannot say what this tool takes.').waitFor();
    expect(await open.page.getByRole('button', { name: 'Fill in a form' }).count()).toBe(0);
    await callButton(open.page).click();
    await open.page.getByText('Answered in').waitFor();
    expect(callsOf(open)[0]?.arguments).toEqual({});
  });
});

describe('a call', () => {
  const search = tool('search');

  test('is cancelled by its id, and what had begun is said to be uncertain', async () => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    const { page, drawbridge } = open;
    const answer = Promise.withResolvers<ToolAnswer>();
    drawbridge.on('callTool', () => answer.promise);
    drawbridge.on('cancelCall', () => {
      answer.reject(new ProblemError('call-given-up', 'the call was given up'));
      return {};
    });
    await page.getByRole('combobox', { name: 'Wait for at most' }).selectOption('300');
    await callButton(page).click();
    await page.getByText(/^Called \d+ s ago…$/).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('Given up. What it had begun may have been done.').waitFor();
    const [sent] = callsOf(open);
    expect(sent?.timeoutS).toBe(300);
    expect(drawbridge.calls.filter(({ route }) => route === 'cancelCall')).toEqual([
      { route: 'cancelCall', params: {}, body: { call: sent?.call } },
    ]);
    await expect
      .poll(() => callButton(page).evaluate((one) => one === document.activeElement))
      .toBe(true);
  });

  test('is not cancelled by the second click of a double-click', async () => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    open.drawbridge.on('callTool', () => new Promise(() => undefined));
    await callButton(open.page).dblclick({ delay: 80 });
    await open.page.getByText(/^Called 1 s ago…$/).waitFor();
    expect(open.drawbridge.calls.some(({ route }) => route === 'cancelCall')).toBe(false);
    expect(callsOf(open)).toHaveLength(1);
  });

  test('is given up when nobody is there any more to see its answer', async () => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    open.drawbridge.on('callTool', () => new Promise(() => undefined));
    await callButton(open.page).click();
    await open.page.getByText(/^Called \d+ s ago…$/).waitFor();
    await open.page.getByRole('link', { name: 'Prompts' }).click();
    await expect
      .poll(() => open.drawbridge.calls.find(({ route }) => route === 'cancelCall')?.body)
      .toEqual({ call: callsOf(open)[0]?.call });
  });

  test.each<[string, () => ToolAnswer, readonly string[]]>([
    [
      'a tool that failed',
      () => result({ content: [{ type: 'text', text: 'no such team' }] }, { isError: true }),
      ['The tool says that it failed, after 321 ms'],
    ],
    [
      'a server that refused',
      () => result({ code: -32602, message: 'no such tool' }, { isError: true, refused: true }),
      ['The server refused the call, after 321 ms'],
    ],
    [
      'a picture and a sound, by name and size',
      () =>
        result({
          content: [
            { type: 'image', mimeType: 'image/png', data: 'AAAA'.repeat(1000) },
            { type: 'audio', data: 'AAA=' },
          ],
        }),
      ['A picture, image/png, 3.0 kB: not shown here', 'A sound, of unknown type, 2 B'],
    ],
    [
      'more than is shown',
      () => result({}, { text: '{"content":[{"type":"te', more: 5_000_000 }),
      ['5,000,000 characters more are not shown.'],
    ],
    [
      'a question in the middle',
      () =>
        result({ content: [] }, { declined: [{ what: 'sampling', reason: 'the server asked' }] }),
      ['The server asked.'],
    ],
  ])('is answered with %s', async (_what, answer, words) => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    open.drawbridge.on('callTool', answer);
    await callButton(open.page).click();
    for (const one of words) await open.page.getByText(one).waitFor();
    await open.page.getByRole('heading', { name: 'Answer, from the server' }).waitFor();
    expect(await open.page.locator('main img, main audio').count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });

  test('shows texts in boxes, JSON in lines, and the whole answer when it is wanted', async () => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    const { page } = open;
    await callButton(page).click();
    const box = (name: string) => page.getByRole('textbox', { name });
    expect(await box('Text 1').inputValue()).toBe('Created BRI-12.');
    expect(await box('Text 2').inputValue()).toBe('{\n  "id": "BRI-12",\n  "team": "bridge"\n}');
    expect(await box('Resource linear://issues/BRI-12.md').inputValue()).toBe('# Creaks');
    expect(await box('Structured content').inputValue()).toContain('"id": "BRI-12"');
    await page.getByText('The whole answer as JSON').click();
    expect(await box('The whole answer as JSON').inputValue()).toContain('"type": "resource_link"');
    expect(await page.getByRole('form').getByRole('link').count()).toBe(0);
  });

  test('that comes to no answer says why, and can be made again', async () => {
    await using open = await browser.open(shown);
    await openTool(open, search);
    open.drawbridge.on('callTool', () => {
      throw new ProblemError('server-too-slow', 'Linear has not answered within 60 s', {
        hint: 'look before you call again',
      });
    });
    await callButton(open.page).click();
    await open.page.getByRole('alert').getByText('Look before you call again.').waitFor();
    tellAll(open.drawbridge);
    await callButton(open.page).click();
    await open.page.getByText('Answered in').waitFor();
    expect(await open.page.getByRole('alert').count()).toBe(0);
  });
});

describe('what servers say of what they have, and answer', () => {
  const markup = '<img src=x onerror="document.title=\'broken\'"><script>document.title=1</script>';
  const bidi = '\u202Egnp.exe\u2066 \u202B';
  const long = 'A'.repeat(1024 * 1024);

  test.each([
    ['markup', markup],
    ['bidirectional controls', bidi],
    ['a million letters', long],
  ])('%s stay inert, and within the page', { timeout: 60_000 }, async (_name, hostile) => {
    const name = hostile.slice(0, 1000);
    const items: CatalogueItem[] = [
      tool(name, {
        ...{ title: hostile, description: hostile },
        inputSchema: {
          type: 'object',
          properties: {
            [name]: { type: 'string', title: hostile, description: hostile },
            kind: { enum: [hostile, 'other'], default: hostile },
          },
        },
      }),
    ];
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page, drawbridge } = open;
    tellAll(drawbridge, items);
    drawbridge.on('callTool', () =>
      result({
        content: [
          { type: 'text', text: hostile },
          { type: 'resource_link', uri: `javascript:${hostile}`, name: hostile },
          { type: 'image', mimeType: hostile, data: hostile },
          { type: hostile, text: hostile },
        ],
      }),
    );
    await page.goto(`${drawbridge.url}#/servers/linear/tools`);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await page.locator('summary').click();
    await callButton(page).waitFor();
    expect(await width()).toBe(360);
    expect((await page.locator('summary').boundingBox())?.height).toBeLessThan(80);
    await callButton(page).click();
    await page.getByRole('textbox', { name: 'Text', exact: true }).waitFor();
    expect(await width()).toBe(360);
    expect(await page.locator('main img, main script, form a').count()).toBe(0);
    expect(await page.title()).toMatch(/Drawbridge$/);
    const answer = await page.getByRole('textbox', { name: 'Text', exact: true }).inputValue();
    expect(answer).not.toContain('\u202E');
    expect(answer.length).toBeGreaterThanOrEqual(Math.min(hostile.length, 100_000));
    expect(callsOf(open)[0]?.name).toBe(name);
    expect(open.complaints).toEqual([]);
  });

  test('names that mean something to scripts are sent as they are', async () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}',
    ) as Record<string, unknown>;
    await using open = await browser.open(shown);
    // The contract of the page itself reads no `__proto__`; JSON typed by hand says it all the same.
    await openTool(open, tool('odd', { inputSchema: schema }));
    await open.page.getByLabel('constructor').fill('x');
    await callButton(open.page).click();
    await open.page.getByText('Answered in').waitFor();
    expect(callsOf(open)[0]?.arguments).toMatchObject({ constructor: 'x' });
    expect(open.complaints).toEqual([]);
  });

  test('two of one name are both there', async () => {
    await using open = await browser.open(shown);
    await openPart(open, 'tools', [tool('same'), tool('same', { description: 'The second' })]);
    await open.page.getByText('The second').waitFor();
    expect(await open.page.locator('summary').count()).toBe(2);
    expect(open.complaints).toEqual([]);
  });

  test('a thousand arguments, and a schema that refers to itself, are JSON to write', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 1000 }, (_, place) => [`field_${place}`, { type: 'string' }]),
    );
    await using open = await browser.open(shown);
    await openPart(open, 'tools', [
      tool('many', { inputSchema: { type: 'object', properties } }),
      tool('round', {
        inputSchema: {
          type: 'object',
          properties: { tree: { $ref: '#/$defs/Tree' } },
          $defs: { Tree: { $ref: '#/$defs/Tree' } },
        },
      }),
    ]);
    const { page } = open;
    await page.locator('summary').first().click();
    await page.getByText('A form cannot say what this tool takes.').waitFor();
    await page.locator('summary').first().click();
    await page.locator('summary').last().click();
    await page.getByText('Any value, as JSON').waitFor();
    expect(open.complaints).toEqual([]);
  });
});

test('a server that nobody is signed in to says why a call fails', async () => {
  const out = snapshot([server('linear', 'Linear', [account('needs-sign-in')])]);
  await using open = await browser.open(out);
  await openTool(open, tool('search'));
  open.drawbridge.on('callTool', () => {
    throw new ProblemError('needs-sign-in', 'nobody is signed in to Linear');
  });
  await callButton(open.page).click();
  await open.page.getByRole('alert').getByText('Nobody is signed in to Linear.').waitFor();
  expect(catalogueOf(tools, { list: 'tools' }).found).toBe(tools.length);
});
