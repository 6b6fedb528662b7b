/** Does the official client wait for a sign-in that takes longer than its patience? */
import { Client, type Transport } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';
import { openSession } from '../../../../broker/bridge/session.ts';
import { askSignIn } from '../../../../broker/bridge/sign-in/ask-sign-in.ts';
import { createSignInPages } from '../../../../broker/bridge/sign-in/pages.ts';
import { createSignInWaits } from '../../../../broker/bridge/sign-in/waits.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { needsSignIn } from '../../../../broker/tokens/book-problems.ts';
import { createScriptedServer } from '../../../doubles/scripted-leg.ts';

/** The bridge's time goes faster: 15 seconds are 150 ms. */
const hurried = (ms: number, deed: () => void) => systemClock.after(ms / 100, deed);
const PATIENCE_MS = 1_000;
const key = { server: 'one', account: 'default' };

it.each(['legacy', 'modern'] as const)(
  'in the %s era it does, for as long as it hears of progress',
  async (era) => {
    /** As they came; the client itself counts rounds as progress. */
    const steps: number[] = [];
    const listeners = new Set<() => void>();
    let usable = false;
    const onUsable = (_key: unknown, deed: () => void) => {
      listeners.add(deed);
      return () => void listeners.delete(deed);
    };
    const identity = { capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } };
    const { open } = createScriptedServer({
      initialize: (said) => said.answer({ protocolVersion: '2025-11-25', ...identity }),
      'server/discover': (said) =>
        said.answer({ resultType: 'complete', supportedVersions: ['2026-07-28'], ...identity }),
      'tools/call': (said) =>
        usable
          ? said.answer({ resultType: 'complete', content: [{ type: 'text', text: 'there' }] })
          : said.end({ problem: needsSignIn(), unsent: true }),
    });
    const asking = askSignIn(open, era, {
      target: {
        title: 'One',
        upstream: { key, url: new URL('https://a.example/'), credential: 'sign-in' as const },
      },
      pages: createSignInPages({ base: () => 'http://127.0.0.1:7', onUsable, clock: systemClock }),
      waits: createSignInWaits({ isUsable: () => usable, onUsable, ended: () => undefined }),
      issuerHost: () => undefined,
      after: hurried,
      holdMs: 100 * 60_000,
    });
    const session = openSession(
      'One',
      () => asking,
      (line) => {
        const message = JSON.parse(line);
        if (message.method === 'notifications/progress') steps.push(message.params.progress);
        transport.onmessage?.(message);
        return true;
      },
    );
    const transport: Transport = {
      start: () => Promise.resolve(),
      send: (message) => Promise.resolve(session.receive(JSON.stringify(message))),
      close: () => Promise.resolve(session.close()),
    };
    const client = new Client(
      { name: 'official-client', version: '1.0.0' },
      {
        versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
        capabilities: { elicitation: { url: {} } },
      },
    );
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept' as const }));
    await client.connect(transport);
    const before = systemClock.steady();

    const { content } = await client.callTool(
      { name: 'echo', arguments: {} },
      {
        timeout: PATIENCE_MS,
        resetTimeoutOnProgress: true,
        onprogress: () => {
          if (systemClock.steady() - before < 1.5 * PATIENCE_MS) return;
          usable = true;
          for (const listener of [...listeners]) listener();
        },
      },
    );

    expect(content).toEqual([{ type: 'text', text: 'there' }]);
    expect(systemClock.steady() - before).toBeGreaterThan(PATIENCE_MS);
    expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
    await client.close();
  },
);
