/** The real daemon, its window in a real browser, a real MCP server and a real authorization server. */
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type RunningDrawbridge, runDrawbridge } from '../scenarios/running-drawbridge.ts';
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';

export interface Stage extends AsyncDisposable {
  readonly signInService: AuthorizationServer;
  readonly server: McpTestServer;
  readonly drawbridge: RunningDrawbridge;
  readonly page: Page;
  /** What the browser complained of: errors of scripts, breaches of the content policy. */
  readonly complaints: string[];
}

export const openStage = async (
  browser: Browser,
  colorScheme: 'light' | 'dark' = 'light',
  options: AuthorizationServerOptions = {},
): Promise<Stage> => {
  await using undo = new AsyncDisposableStack();
  const signInService = undo.use(
    await startAuthorizationServer({ accessTokenSeconds: 30, ...options }),
  );
  const server = undo.use(await startMcpServer({ authorizationServer: signInService }));
  const drawbridge = undo.use(await runDrawbridge());
  const context = await browser.newContext({ viewport: { width: 820, height: 720 }, colorScheme });
  undo.defer(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(drawbridge.listening().link);
  const kept = undo.move();
  return {
    ...{ signInService, server, drawbridge, page, complaints },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

export const addInWindow = async (page: Page, address: string): Promise<void> => {
  await page.getByRole('textbox').first().fill(address);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByRole('button', { name: 'Add server' }).click();
};

/** Calls the tool that adds, by hand, on the page of its server. */
export const callAdd = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: 'Tools' }).click();
  await page.locator('summary', { hasText: 'Adds two numbers' }).click();
  await page.getByRole('textbox', { name: 'a', exact: true }).fill('20');
  await page.getByRole('textbox', { name: 'b', exact: true }).fill('22');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByText('Answered in').waitFor();
  expect(await page.getByRole('textbox', { name: 'Text', exact: true }).inputValue()).toBe('42');
};
