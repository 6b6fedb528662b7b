/** What the demo can do: tools, a prompt and a resource that show what Drawbridge does, and touch nothing. */
import { z } from 'zod';
import { type Caller, person } from './grants.ts';

export interface ToolResult {
  readonly text: string;
  readonly structured?: Readonly<Record<string, unknown>>;
}

interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output?: z.ZodObject;
  readonly run: (given: never, asked: Asked) => ToolResult;
}

/** Who asks, and when. */
export interface Asked {
  readonly caller: Caller;
  /** Unix ms. */
  readonly now: number;
}

/** With the types of its own arguments, which a list of tools forgets. */
const tool = <I extends z.ZodObject>(
  it: Omit<Tool, 'input' | 'run'> & {
    readonly input: I;
    readonly run: (given: z.output<I>, asked: Asked) => ToolResult;
  },
): Tool => it;

const tools: readonly Tool[] = [
  tool({
    name: 'who_am_i',
    title: 'Who am I',
    description: 'Tells who is signed in, how old the token is, and how often it was renewed',
    input: z.object({}),
    output: z.object({
      name: z.string(),
      signedInAt: z.string(),
      renewals: z.number().int(),
      tokenEndsAt: z.string(),
    }),
    run: (_given, { caller, now }) => {
      const { renewals } = caller;
      const [signedInAt, tokenEndsAt] = [caller.signedInAt, caller.endsAt].map(iso);
      const left = Math.max(0, Math.round((caller.endsAt - now) / 1000));
      return {
        text: [
          `You are ${person.name}, signed in since ${signedInAt}.`,
          `The token of this call runs out in ${left} s, and your AI client has not seen it.`,
          `Drawbridge has ${renewed(renewals)}.`,
        ].join(' '),
        structured: { name: person.name, signedInAt, renewals, tokenEndsAt },
      };
    },
  }),
  tool({
    name: 'echo',
    title: 'Echo',
    description: 'Says again what it is told',
    input: z.object({ message: z.string().max(10_000).describe('What to say') }),
    run: ({ message }) => ({ text: message }),
  }),
  tool({
    name: 'add',
    title: 'Add',
    description: 'Adds two numbers',
    input: z.object({ a: z.number(), b: z.number() }),
    output: z.object({ sum: z.number() }),
    run: ({ a, b }) => ({ text: String(a + b), structured: { sum: a + b } }),
  }),
  tool({
    name: 'time_now',
    title: 'The time',
    description: 'Tells the time of this computer',
    input: z.object({
      timeZone: z
        .string()
        .max(100)
        .refine(isTimeZone, 'a time zone like Europe/Lisbon')
        .optional()
        .describe('As in Europe/Lisbon; by itself UTC'),
    }),
    run: ({ timeZone = 'UTC' }, { now }) => ({
      text: new Intl.DateTimeFormat('en-GB', {
        timeZone,
        dateStyle: 'full',
        timeStyle: 'long',
      }).format(new Date(now)),
    }),
  }),
];

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions() !== undefined;
  } catch {
    // It throws for what it does not know.
    return false;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

const renewed = (count: number): string => {
  if (count === 0) return 'not renewed it yet';
  return `renewed it ${count === 1 ? 'once' : `${count} times`} since then`;
};

/** As `tools/list` shows them: the same in every answer, in the same order. */
export const listedTools = tools.map(({ name, title, description, input, output }) => ({
  ...{ name, title, description },
  inputSchema: z.toJSONSchema(input, { io: 'input' }),
  ...(output === undefined ? {} : { outputSchema: z.toJSONSchema(output) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
}));

/** Runs one: undefined when there is none of this name. With `wrong`, why its arguments cannot be used. */
export const callTool = (
  name: unknown,
  given: unknown,
  asked: Asked,
): ToolResult | { readonly wrong: string } | undefined => {
  const found = tools.find((one) => one.name === name);
  if (found === undefined) return undefined;
  const { data, error } = found.input.safeParse(given ?? {});
  if (error !== undefined) return { wrong: z.prettifyError(error) };
  return found.run(data as never, asked);
};

const TRY_IT = 'try_the_demo';

export const listedPrompts = [
  {
    name: TRY_IT,
    title: 'Try the demo',
    description: 'Has the model use each tool of the demo once',
    arguments: [{ name: 'name', description: 'What to call you', required: false }],
  },
];

/** Undefined when there is none of this name. */
export const promptText = (name: unknown, given: unknown): string | undefined => {
  if (name !== TRY_IT) return undefined;
  const { data } = z.object({ name: z.string().max(100) }).safeParse(given);
  const who = data === undefined ? '' : `My name is ${data.name}. `;
  return `${who}Use the tools of the demo: find out who I am there, what time it is, and what 19 and 23 make. Then tell me in three sentences what you found.`;
};

const ABOUT = 'demo://about';

export const listedResources = [
  {
    uri: ABOUT,
    name: 'about',
    title: 'About the demo',
    description: 'What the demo is, and what becomes of it',
    mimeType: 'text/markdown',
  },
];

const about = `# The demo of Drawbridge

An MCP server with a sign-in of its own, on this computer. Nothing that is said to it leaves the computer, and it remembers
nothing but that somebody is signed in.

- Its tokens live five minutes: watch Drawbridge renew them, in the window or with \`drawbridge list\`.
- The tool \`who_am_i\` says how often that has happened.
- When you have seen enough, remove it like any other server. With it ends whatever was signed in.
`;

/** Undefined when there is none at this address. */
export const resourceAt = (
  uri: unknown,
): { readonly uri: string; readonly mimeType: string; readonly text: string } | undefined =>
  uri === ABOUT ? { uri: ABOUT, mimeType: 'text/markdown', text: about } : undefined;
