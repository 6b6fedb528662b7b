/** What comes next, and renewing everything without waiting for it. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { hundredsAhead, monthAhead } from './long-scenes.ts';
import { account, behind, lockedVault, muchAhead, server, signedIn, snapshot } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const MINUTE = 60_000;
const region = (page: Page) => page.getByRole('main');
const lookAhead = (page: Page) => goTo(page, 'Forecast');
const renewingAt = (renewsAt: number): Snapshot =>
  snapshot([
    server('linear', 'Linear', [signedIn({ renewsAt, expiresAt: Date.now() + 60 * MINUTE })]),
  ]);

describe('what comes next', () => {
  test('is listed soonest first, what needs the person on top, with the time left and the moment, for 30 days', async () => {
    await using open = await browser.open(muchAhead());
    await lookAhead(open.page);
    const rows = region(open.page).getByRole('listitem');
    const told = await rows.evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll('bdi, p > time, p:not(:has(*))')].map((one) => one.textContent),
      ),
    );
    const moment = expect.stringMatching(/2\d{3}/);
    expect(told).toEqual([
      [
        'Asana',
        'grace@work.example',
        'Lapses, and has to be signed in again',
        '3 days left',
        moment,
      ],
      ['Sentry', 'ada@example.org', 'Ends, and has to be signed in again', '11 days left', moment],
      ['Linear', 'ada@example.org', 'Renews itself', '29 min left', moment],
      ['Sentry', 'ada@example.org', 'Renews itself', '4 h left', moment],
    ]);
    // A sign-in at Stripe ends in 31 days.
    await region(open.page).getByText('the next 30 days').waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('the end of a certificate is the server’s, and of no account', async () => {
    const clientCertificate = {
      ...{ certificate: '${file:/etc/acme/client.pem}', alsoAt: [] },
      endsAt: Date.now() + 9 * 24 * 60 * MINUTE,
    };
    const two = ['default', 'work'].map((id) => signedIn({ id }));
    const acme = server('acme', 'Acme', two, undefined, { clientCertificate });
    await using open = await browser.open(snapshot([acme]));
    await lookAhead(open.page);
    const row = region(open.page)
      .getByRole('listitem')
      .filter({ hasText: 'The certificate that it is shown ends' });
    await row.getByText('8 days left').waitFor();
    expect(await row.locator('bdi').allTextContents()).toEqual(['Acme']);
  });

  test('is nothing, and says so', async () => {
    await using open = await browser.open(snapshot([server('docs', 'Docs', [account('open')])]));
    await lookAhead(open.page);
    await open.page.getByText('Nothing is known to come in the next 30 days.').waitFor();
    expect(await open.page.getByRole('button', { name: 'Renew all now' }).count()).toBe(0);
  });

  test('is known to nobody behind a closed vault, and says so', async () => {
    await using open = await browser.open(behind(lockedVault));
    await lookAhead(open.page);
    await open.page.getByText('Nobody can tell while the vault is closed.').waitFor();
    expect(await region(open.page).getByRole('listitem').count()).toBe(0);
  });

  test('is opened by keyboard, follows the broker, and ends in now', async () => {
    await using open = await browser.open(renewingAt(Date.now() + 20 * MINUTE));
    const { page, drawbridge } = open;
    await page.getByRole('link', { name: 'Forecast' }).press('Enter');
    await region(page).getByText('19 min left').waitFor();
    drawbridge.show(renewingAt(Date.now() + 2_500));
    await region(page).getByText('1 s left').waitFor();
    await region(page).getByText('now', { exact: true }).waitFor();
  });

  test('is not drawn anew while its words stay the same', async () => {
    await using open = await browser.open(renewingAt(Date.now() + 29 * MINUTE + 30_000));
    await lookAhead(open.page);
    await region(open.page).getByText('29 min left').waitFor();
    const changes = await open.page.evaluate(async () => {
      let count = 0;
      const observer = new MutationObserver((records) => {
        count += records.length;
      });
      observer.observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return count;
    });
    expect(changes).toBe(0);
  });

  test('changes nothing but its own words when they do change', async () => {
    await using open = await browser.open(renewingAt(Date.now() + 60_000));
    await lookAhead(open.page);
    await region(open.page)
      .getByText(/\d+ s left/)
      .waitFor();
    const touched = await open.page.evaluate(async () => {
      const names = new Set<string>();
      const observer = new MutationObserver((records) => {
        for (const { target } of records)
          names.add((target.parentElement ?? document.body).tagName.toLowerCase());
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return [...names];
    });
    expect(touched).toEqual(['time']);
  });

  test('of a server with a name without end stays within the page', async () => {
    const long = 'A'.repeat(1024 * 1024);
    const shown = snapshot([server('hostile', long, [signedIn({ label: long })])]);
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page, drawbridge } = open;
    drawbridge.on('renewAll', () => ({
      outcomes: [
        {
          key: { server: 'hostile', account: 'default' },
          problem: { code: 'server-trouble', message: long, hint: long },
        },
      ],
    }));
    await lookAhead(page);
    await page.getByRole('button', { name: 'Renew all now' }).click();
    await page.getByRole('alert').waitFor();
    await region(page).getByText('29 min left').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect((await region(page).boundingBox())?.height).toBeLessThan(600);
  });
});

describe('the timeline', () => {
  const timeline = (page: Page) => page.getByRole('img', { name: 'Timeline of the next 30 days.' });
  const lanes = (page: Page) =>
    timeline(page)
      .locator('.timeline-row')
      .evaluateAll((all) => all.map((row) => row.querySelector('bdi')?.textContent));

  test('has a lane for each account, what needs the person on top, and is told in words', async () => {
    await using open = await browser.open(monthAhead());
    const { page } = open;
    await lookAhead(page);
    await timeline(page).waitFor();
    expect(await lanes(page)).toEqual([
      ...['Asana', 'Linear', 'Acme warehouse', 'Notion'],
      ...['Linear', 'Sentry', 'Stripe'],
    ]);
    expect(await timeline(page).getAttribute('aria-label')).toMatch(
      /^Timeline of the next 30 days\. What needs you: Asana: Lapses .+; Linear: Ends .+; Acme warehouse: Certificate ends .+\. And 1 more\. 4 sign-ins renew themselves\.$/,
    );
    expect(open.complaints).toEqual([]);
  });

  test('marks what needs the person where it is in the 30 days', async () => {
    await using open = await browser.open(monthAhead());
    await lookAhead(open.page);
    await timeline(open.page).waitFor();
    const marks = await timeline(open.page)
      .locator('.timeline-mark')
      .evaluateAll((all) => all.map((one) => Number.parseFloat(one.getAttribute('x') ?? '')));
    const days = [3.2, 12.5, 19.3, 26.4];
    expect(marks.map(Math.round)).toEqual(days.map((day) => Math.round((day / 30) * 100)));
  });

  test('draws hourly renewals as one band, and rare ones one by one', async () => {
    await using open = await browser.open(monthAhead());
    await lookAhead(open.page);
    const lane = (index: number) => timeline(open.page).locator('.timeline-row').nth(index);
    await lane(4)
      .locator('.timeline-words', { hasText: 'Renews itself about every 60 min' })
      .waitFor();
    expect(await lane(4).locator('.timeline-renewal').count()).toBe(0);
    // On day 2, 8, 14, 20 and 26.
    expect(await lane(6).locator('.timeline-renewal').count()).toBe(5);
    // It ends after 12.5 days.
    const band = lane(1).locator('.timeline-band');
    expect(Math.round(Number.parseFloat((await band.getAttribute('width')) ?? ''))).toBe(42);
  });

  test('does not drown what matters in hundreds that renew themselves', async () => {
    await using open = await browser.open(hundredsAhead());
    const { page } = open;
    await lookAhead(page);
    await timeline(page).waitFor();
    expect((await lanes(page)).slice(0, 3)).toEqual([
      'Asana',
      'Notion',
      expect.stringMatching(/^Server \d+$/),
    ]);
    expect((await lanes(page)).length).toBe(8);
    const rows = page.getByRole('region', { name: 'Renews itself' }).getByRole('listitem');
    expect(await rows.count()).toBe(10);
    const all = page.getByRole('region', { name: 'Renews itself' }).getByRole('button');
    await all.press('Enter');
    await expect.poll(() => rows.count()).toBeGreaterThan(250);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Show fewer');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(10);
  });

  test('is left to the list where it is narrow', async () => {
    await using open = await browser.open(monthAhead(), { viewport: { width: 360, height: 700 } });
    await lookAhead(open.page);
    await open.page.getByRole('region', { name: 'Needs you' }).getByText('Notion').waitFor();
    expect(await timeline(open.page).count()).toBe(0);
  });
});

describe('renewing all', () => {
  const button = { name: 'Renew all now' };

  test('says that it runs, then that all are renewed, with the focus where it was', async () => {
    await using open = await browser.open(muchAhead());
    const { page, drawbridge } = open;
    const renewal = Promise.withResolvers<void>();
    drawbridge.on('renewAll', async () => {
      await renewal.promise;
      return {
        outcomes: ['linear', 'sentry'].map((id) => ({ key: { server: id, account: 'default' } })),
      };
    });
    await lookAhead(page);
    await page.getByRole('button', button).press('Enter');
    await page.getByRole('button', { name: 'Renewing all…' }).waitFor();
    await page.keyboard.press('Enter');
    renewal.resolve();
    await page.getByRole('alert').getByText('Both sign-ins are renewed.').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('Renew all now');
    expect(drawbridge.calls).toEqual([{ route: 'renewAll', params: {}, body: {} }]);
    await page.getByRole('button', { name: 'Close' }).click();
    expect([await focused(), await page.getByRole('alert').count()]).toEqual(['Renew all now', 0]);
    expect(open.complaints).toEqual([]);
  });

  test('tells which were not renewed, and why', async () => {
    await using open = await browser.open(muchAhead());
    open.drawbridge.on('renewAll', () => ({
      outcomes: [
        { key: { server: 'linear', account: 'default' } },
        {
          key: { server: 'sentry', account: 'default' },
          problem: {
            code: 'server-trouble',
            message: 'the sign-in service answered with status 503',
            hint: 'Drawbridge tries again by itself',
          },
        },
      ],
    }));
    await lookAhead(open.page);
    await open.page.getByRole('button', button).click();
    const note = open.page.getByRole('alert');
    await note.getByText('1 of 2 sign-ins are renewed.').waitFor();
    expect(await note.getByRole('listitem').allInnerTexts()).toEqual([
      'Sentry: the sign-in service answered with status 503.\n\nDrawbridge tries again by itself.',
    ]);
  });

  test('that could not be asked for says so', async () => {
    await using open = await browser.open(muchAhead());
    await lookAhead(open.page);
    await open.page.getByRole('button', button).waitFor();
    await open.page.route('**/api/renew-all', (route) => route.abort());
    await open.page.getByRole('button', button).click();
    await open.page.getByRole('alert').getByText('Drawbridge is not answering.').waitFor();
    await open.page.getByRole('button', button).waitFor();
  });
});
