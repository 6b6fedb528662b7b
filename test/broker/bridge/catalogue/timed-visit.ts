/** An AI client at each of the doors, with a watch in its hand. */
import { Agent, request } from 'node:http';
import { type InProcessBroker, readInstance } from '../../../doubles/in-process-broker.ts';
import { took } from '../../../doubles/timing.ts';
import { openOldStream } from '../old-stream.ts';
import { openLine } from '../open-bridge.ts';

export type Era = 'legacy' | 'modern';

/** As far as anybody here looks into it. */
export interface Message {
  readonly id?: number;
  readonly result?: {
    readonly capabilities?: unknown;
    readonly tools?: readonly { readonly name: string }[];
  };
}

/** One AI client, from its connection on. */
export interface Visit extends Disposable {
  /** Asks, and gives the answer with the time it took, ms. */
  readonly ask: (method: string, params: object) => Promise<readonly [Message, number]>;
  readonly tell: (method: string) => Promise<unknown>;
  /** What the door answers without asking anybody, and how long that took. */
  readonly trifle: () => Promise<number>;
}

const throughSocket = async (broker: InProcessBroker, server: string): Promise<Visit> => {
  const { door } = await readInstance(broker.dataFolder);
  const line = openLine(door.socket);
  line.send({ drawbridge: 1, key: door.key, server });
  await line.next();
  const answerTo = async (id: number | null): Promise<Message> => {
    for (;;) {
      const message = JSON.parse(await line.next()) as Message;
      if (message.id === id && !('method' in message)) return message;
    }
  };
  let id = 0;
  return {
    ask: (method, params) =>
      took(() => {
        id += 1;
        line.send({ jsonrpc: '2.0', id, method, params });
        return answerTo(id);
      }),
    tell: async (method) => line.send({ jsonrpc: '2.0', method }),
    trifle: async () => {
      const [, ms] = await took(() => {
        line.send('[]');
        return answerTo(null);
      });
      return ms;
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
};

const throughHttp = async (broker: InProcessBroker, server: string, era: Era): Promise<Visit> => {
  const { key } = await broker.control.makeDoorKey({ aiClient: 'test' });
  const agent = new Agent({ keepAlive: true });
  let session: string | undefined;
  let id = 0;
  const post = (body: object, method: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
      const asked = request(
        `${broker.baseOfDoor}/mcp/${server}`,
        {
          ...{ method: 'POST', agent },
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...(era === 'modern' ? modern : {}),
            ...(session === undefined ? {} : { 'mcp-session-id': session }),
          },
        },
        (res) => {
          const given = res.headers['mcp-session-id'];
          if (typeof given === 'string') session = given;
          let text = '';
          res.on('data', (chunk: Buffer) => (text += chunk.toString()));
          res.on('end', () => resolve(text));
        },
      );
      asked.once('error', reject);
      asked.end(JSON.stringify(body));
    });
  return {
    ask: (method, params) =>
      took(async () => {
        id += 1;
        const text = await post({ jsonrpc: '2.0', id, method, params }, method);
        const messages = text.startsWith('{')
          ? [text]
          : [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
        const answer = messages.map((json) => JSON.parse(json) as Message);
        return answer.find((message) => message.id === id) ?? {};
      }),
    tell: (method) => post({ jsonrpc: '2.0', method }, method),
    trifle: async () => {
      session ??= 'drawbridge-door-none';
      const [, ms] = await took(() => post([], 'none'));
      return ms;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
};

const throughOldStream = async (broker: InProcessBroker, server: string): Promise<Visit> => {
  const { key } = await broker.control.makeDoorKey({ aiClient: 'test' });
  const port = Number(new URL(broker.baseOfDoor).port);
  const stream = await openOldStream(port, key, `/mcp/${server}`);
  let id = 0;
  return {
    ask: (method, params) =>
      took(async () => {
        id += 1;
        const said = stream.say({ jsonrpc: '2.0', id, method, params });
        for (;;) {
          const message = await stream.next();
          if (message.id === id && message.method === undefined) return said.then(() => message);
        }
      }),
    tell: (method) => stream.say({ jsonrpc: '2.0', method }),
    trifle: async () => (await took(() => stream.say('[]')))[1],
    [Symbol.dispose]: () => stream[Symbol.dispose](),
  };
};

export type Open = (broker: InProcessBroker, server: string, era: Era) => Promise<Visit>;
export const OLD_DOOR = 'the HTTP door as of 2024-11-05';
export const doors: Readonly<Record<string, Open>> = {
  'the socket door': throughSocket,
  'the HTTP door': throughHttp,
  [OLD_DOOR]: throughOldStream,
};
