/** A browser of a person who was sent to the page of a sign-in, and an AI client that was told of it. */

import type { InProcessBroker } from '../../../doubles/in-process-broker.ts';
import { readInstance } from '../../../doubles/in-process-broker.ts';
import { consentByScript } from '../../../servers/authorization-server/consent-by-script.ts';
import { openLine, startAsking } from '../open-bridge.ts';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const navigation = {
  accept: 'text/html',
  // The door's keys are for AI clients: a browser has none.
  authorization: '',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
};

/** One request as a browser makes it, without following where it leads. */
export const browse = async (
  link: string,
  method: 'GET' | 'POST' = 'GET',
  headers: Record<string, string> = {},
): Promise<Page> => {
  const { port, pathname, search } = new URL(link);
  const answer = await startAsking(Number(port), '', {
    method,
    path: pathname + search,
    headers: { ...navigation, ...headers },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: Buffer.concat(chunks).toString(),
  };
};

/** As browsers send the page's own form: it tells nobody where it was. */
export const ownForm = { origin: 'null', 'sec-fetch-site': 'same-origin' };

/** Looks at the page, sends its form and signs in where that leads. Returns all that was seen of our own. */
export const signInByPage = async (link: string): Promise<readonly Page[]> => {
  const page = await browse(link);
  if (!/<form method="post">/.test(page.text)) throw new Error(`no form: ${page.status}`);
  const begun = await browse(link, 'POST', ownForm);
  await consentByScript(String(begun.headers['location']));
  return [page, begun];
};

export interface AskedClient extends Disposable {
  readonly link: string;
  readonly question: { readonly id: string; readonly params: { readonly message: string } };
  readonly answer: (action: string) => void;
  /** The next message that is a response. */
  readonly response: () => Promise<string>;
}

/** An AI client of the legacy era behind a shim that has called a tool, and was asked. */
export const callAndBeAsked = async (
  { dataFolder }: InProcessBroker,
  server = 'one',
): Promise<AskedClient> => {
  const { door } = await readInstance(dataFolder);
  const line = openLine(door.socket);
  line.send({ drawbridge: 1, key: door.key, server });
  await line.next();
  const until = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const text = await line.next();
      if (wanted.test(text)) return text;
    }
  };
  const capabilities = { elicitation: { url: {} } };
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo };
  line.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  await until(/"id":1\b/);
  line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const echo = { name: 'echo', arguments: { message: 'there' } };
  line.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: echo });
  const question = JSON.parse(await until(/"elicitation\/create"/)) as AskedClient['question'] & {
    readonly params: { readonly url: string };
  };
  return {
    question,
    link: question.params.url,
    answer: (action) => line.send({ jsonrpc: '2.0', id: question.id, result: { action } }),
    response: () => until(/"id":2\b/),
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
};
