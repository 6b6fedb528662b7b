/** What an AI client does in every scenario: list the tools and call each, signing in when a call says so. */
import { Client } from '@modelcontextprotocol/client';
import type { Way } from './ways.ts';

interface Call {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

interface Wish {
  /** Whether to try 2026-07-28 first. */
  readonly modern: boolean;
  /** The calls that the scenario asks for; every tool once when it does not say. */
  readonly calls: readonly Call[] | undefined;
}

/** One more than a client may ask for more scope: the limit is to be seen, and not this loop. */
const MOST_TRIES = 5;

export const callEverything = async (
  way: Way,
  { modern, calls }: Wish,
  say: (line: string) => void,
): Promise<void> => {
  // Drawbridge's own look at the server may be what finds out that a sign-in is needed.
  const client = await again(way, async () => {
    const connecting = clientOf(modern);
    await connecting.connect(await way.transport());
    return connecting;
  });
  const tools = await again(way, async () => (await client.listTools()).tools);
  const schemas = new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]));
  const wanted =
    calls ?? tools.map(({ name }) => ({ name, arguments: argumentsFor(name, schemas) }));
  for (const call of wanted) {
    await again(way, async () => {
      const result = await client.callTool(call);
      if (result.isError === true) throw new Error(JSON.stringify(result.content));
    }).catch((error: unknown) => say(`${call.name}: ${String(error)}`));
  }
  await client.close();
};

const clientOf = (modern: boolean): Client => {
  const client = new Client(
    { name: 'conformance', version: '1.0.0' },
    {
      versionNegotiation: { mode: modern ? 'auto' : 'legacy' },
      capabilities: { elicitation: { form: { applyDefaults: true } } },
    },
  );
  // The person confirms; what has a default keeps it.
  client.setRequestHandler('elicitation/create', async ({ params }) => ({
    action: 'accept',
    content: 'confirmed' in propertiesOf(params) ? { confirmed: true } : {},
  }));
  return client;
};

const again = async <T>(way: Way, deed: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await deed();
    } catch (error) {
      if (tries >= MOST_TRIES || !(await way.mend(error))) throw error;
    }
  }
};

const propertiesOf = (params: object): object =>
  'requestedSchema' in params &&
  typeof params.requestedSchema === 'object' &&
  params.requestedSchema !== null
    ? (Reflect.get(params.requestedSchema, 'properties') ?? {})
    : {};

/** What the suite's tools take. */
const argumentsFor = (
  name: string,
  schemas: ReadonlyMap<string, unknown>,
): Record<string, unknown> => {
  if (name === 'add_numbers') return { a: 5, b: 3 };
  // Wants to see whether the schema of the other tool came through whole.
  if (name === 'json_schema_echo') return { schema: schemas.get('json_schema_2020_12_tool') };
  return {};
};
