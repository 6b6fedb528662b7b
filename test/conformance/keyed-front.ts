/**
 * A front before a door for a client that has no key: the key is added, and everything else goes through as it comes.
 * A Host or Origin that names the front names the door behind it; any other is for the door to judge.
 */
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type LoopbackServer, startLoopbackServer } from '../servers/loopback-server.ts';

export const startKeyedFront = (doorBase: string, key: string): Promise<LoopbackServer> => {
  const door = new URL(doorBase);
  return startLoopbackServer((origin) => {
    const own = new URL(origin).host;
    return (req, res) => {
      const onward = request(new URL(req.url ?? '/', door), {
        method: req.method ?? 'GET',
        headers: {
          ...req.headers,
          ...(req.headers.host === own ? { host: door.host } : {}),
          ...(req.headers.origin === origin ? { origin: door.origin } : {}),
          'x-drawbridge-key': key,
        },
        // A stream that the client has left must not be given to the next one.
        agent: false,
      });
      onward.on('response', (answer) => passBack(answer, res));
      onward.on('error', () => res.destroy());
      res.on('close', () => onward.destroy());
      req.pipe(onward);
    };
  });
};

const passBack = (answer: IncomingMessage, res: ServerResponse): void => {
  res.writeHead(answer.statusCode ?? 502, answer.headers);
  // A stream begins when the door begins it, and not with its first event.
  res.flushHeaders();
  answer.on('error', () => res.destroy());
  answer.pipe(res);
};
