/** Where is the window of a headless host found again? */
import { expect, it } from 'vitest';
import { serveWindow } from '../../cli/serve-window.ts';
import { startLoopbackServer } from '../servers/loopback-server.ts';

const answer = async (): Promise<Response> => new Response('the window');
const portOf = ({ origin }: { readonly origin: string }): number => Number(new URL(origin).port);

it('at the port that it had last, for the pages that are still open', async () => {
  const first = await serveWindow(answer, { port: undefined, last: undefined });
  await first.close();
  const again = await serveWindow(answer, { port: undefined, last: portOf(first) });
  expect(again.origin).toBe(first.origin);
  expect(await (await fetch(again.origin)).text()).toBe('the window');
  await again.close();
});

it('elsewhere when another program has taken that port, and not at all where that port was asked for', async () => {
  await using other = await startLoopbackServer(() => (_req, res) => void res.end());
  const window = await serveWindow(answer, { port: undefined, last: other.port });
  expect(portOf(window)).not.toBe(other.port);
  await window.close();
  await expect(serveWindow(answer, { port: other.port, last: undefined })).rejects.toMatchObject({
    code: 'door-unavailable',
  });
});
