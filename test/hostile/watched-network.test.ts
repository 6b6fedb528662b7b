/** Would a guard that fails be seen, and harm nobody? Else the corpus proves nothing. */
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { locate } from '../../broker/net/locate.ts';
import { createPools } from '../../broker/net/pools.ts';
import { startPaperServer } from '../doubles/paper-server.ts';
import { INTERNET, watchNetwork } from './watched-network.ts';

it.each([
  ['http://203.0.113.7/', { address: '203.0.113.7', port: 80 }],
  ['https://203.0.113.7:8443/', { address: '203.0.113.7', port: 8443 }],
  ['https://[2001:db8::7]/', { address: '2001:db8::7', port: 443 }],
  ['https://0.0.0.0/', { address: '0.0.0.0', port: 443 }],
  ['http://intranet.example/', { address: '10.0.0.5', port: 80 }],
])('a socket to %s is noted and goes nowhere', async (url, contact) => {
  using network = watchNetwork();
  network.begin({ 'intranet.example': ['10.0.0.5'] });
  const agent = new Agent();
  const pools = createPools();
  const asked = [
    fetch(url),
    request(url, { dispatcher: agent }),
    pools.to(new URL(url).origin).request({ path: '/', method: 'GET' }),
  ];
  for (const outcome of await Promise.allSettled(asked)) expect(outcome.status).toBe('rejected');
  expect(network.contacts()).toEqual([contact, contact, contact]);
  await Promise.all([agent.close(), pools.close()]);
});

it('a name leads where the test says, and the internet of the attackers to this machine', async () => {
  await using paper = await startPaperServer(() => ({ '/': { body: 'hello' } }));
  using network = watchNetwork();
  network.begin({
    'evil.example': [INTERNET],
    'rebinds.example': (time) => [time === 1 ? INTERNET : '127.0.0.1'],
  });
  const answer = await fetch(`http://evil.example:${paper.port}/`);
  expect(await answer.text()).toBe('hello');
  expect(network.contacts()).toEqual([{ address: INTERNET, port: paper.port }]);
  expect(await locate(new URL('https://rebinds.example/'))).toBe('public');
  await expect(fetch('http://nobody.example/')).rejects.toMatchObject({
    cause: { code: 'ENOTFOUND' },
  });
});
