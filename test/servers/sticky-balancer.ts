/** A balancer in front of several machines: it knows by a cookie which of them a session is at, and sends strangers round. */
import { request } from 'node:http';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';

export interface StickyBalancer extends LoopbackServer {
  /** The cookie that came with each request, and the session it was in. */
  readonly seen: readonly { readonly cookie: string | undefined; readonly session: string }[];
}

export const startStickyBalancer = async (
  machines: readonly string[],
  attributes = 'Path=/; HttpOnly; Domain=example.com',
): Promise<StickyBalancer> => {
  const seen: StickyBalancer['seen'][number][] = [];
  let strangers = 0;
  const server = await startLoopbackServer(() => (req, res) => {
    const { cookie } = req.headers;
    const url = new URL(req.url ?? '/', 'http://balancer');
    const session = req.headers['mcp-session-id']?.toString() ?? url.searchParams.get('sessionId');
    seen.push({ cookie, session: session ?? '' });
    const known = /\bmachine=(\d+)/.exec(cookie ?? '')?.[1];
    // With the last number nobody else has this cookie.
    const number = known ?? String(strangers++);
    const machine = machines[Number(number) % machines.length] ?? '';
    const passed = request(
      new URL(url.pathname + url.search, machine),
      { method: req.method, headers: { ...req.headers, host: new URL(machine).host } },
      (answer) => {
        res.writeHead(answer.statusCode ?? 500, {
          ...answer.headers,
          ...(known === undefined ? { 'set-cookie': `machine=${number}; ${attributes}` } : {}),
        });
        res.flushHeaders();
        answer.pipe(res);
      },
    );
    passed.on('error', () => res.destroy());
    res.on('close', () => passed.destroy());
    req.pipe(passed);
  });
  return { ...server, seen };
};
