/** A program of the legacy era without any SDK, which does what no program should: its first argument says what. */
import { createInterface } from 'node:readline';

const [habit = 'none', ...more] = process.argv.slice(2);
const log = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 1 } };
const say = (message: object): void => {
  const whole = { jsonrpc: '2.0', ...message };
  process.stdout.write(`${JSON.stringify(habit === 'in-arrays' ? [log, whole] : whole)}\n`);
};
const text = (said: string) => ({ content: [{ type: 'text', text: said }] });
const tools = ['env', 'argv', 'crash', 'wait', 'ask', 'large', 'folder', 'pid'];

interface Request {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly _meta?: { readonly progressToken?: unknown };
  };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Who waits for the AI client's answer, by the id of the question. */
const asked = new Map<number | string, (answer: Request) => void>();
let questions = 0;

const answers: Readonly<
  Record<string, (args: Readonly<Record<string, unknown>>, request: Request) => object | undefined>
> = {
  env: ({ name }) => text(process.env[String(name)] ?? 'unset'),
  argv: () => text(JSON.stringify(more)),
  folder: () => text(process.cwd()),
  pid: () => text(String(process.pid)),
  large: ({ size }) => text('x'.repeat(Number(size))),
  crash: () => {
    process.stderr.write(`starting\nError: out of paper, ${process.env['PROGRAM_SECRET'] ?? ''}\n`);
    process.exit(3);
  },
  wait: (_args, { params }) => {
    const progressToken = params?._meta?.progressToken;
    if (progressToken !== undefined)
      say({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    return undefined;
  },
  ask: (_args, { id }) => {
    const question = `question-${++questions}`;
    asked.set(question, ({ result, error }) =>
      say({ id, result: text(error?.message ?? JSON.stringify(result)) }),
    );
    const schema = { type: 'object', properties: { confirm: { type: 'boolean' } } };
    const params = { message: 'Go on?', requestedSchema: schema };
    say({ id: question, method: 'elicitation/create', params });
    return undefined;
  },
};

const cancelled: unknown[] = [];

const hear = (request: Request): void => {
  const { id, method, params } = request;
  if (method === undefined) {
    if (id !== undefined) asked.get(id)?.(request);
    return;
  }
  if (method === 'notifications/cancelled') cancelled.push(params);
  if (id === undefined) return;
  if (method === 'initialize') {
    const serverInfo = { name: 'odd-program', version: '1.0.0' };
    const capabilities = { tools: { listChanged: true } };
    return say({ id, result: { protocolVersion: '2025-06-18', capabilities, serverInfo } });
  }
  if (method === 'tools/list') {
    const all = [...tools, 'cancellations'].map((name) => ({
      name,
      inputSchema: { type: 'object' },
    }));
    return say({ id, result: { tools: all } });
  }
  if (method === 'tools/call') {
    if (params?.name === 'cancellations')
      return say({ id, result: text(String(cancelled.length)) });
    const result = answers[params?.name ?? '']?.(params?.arguments ?? {}, request);
    if (result !== undefined) say({ id, result });
    return;
  }
  if (method === 'ping') return say({ id, result: {} });
  say({ id, error: { code: -32602, message: 'before initialize?' } });
};

const serve = (only: (request: Request) => boolean = () => true): void => {
  createInterface(process.stdin).on('line', (line) => {
    const request = JSON.parse(line) as Request;
    if (only(request)) hear(request);
  });
};

const habits: Readonly<Record<string, () => void>> = {
  none: () => serve(),
  'in-arrays': () => serve(),
  noise: () => {
    process.stdout.write('Starting up...\n{"level":"info"}\n\u0000\n');
    serve();
    setInterval(() => process.stdout.write('still here\n'), 5).unref();
  },
  flood: () => {
    serve();
    const more = (): void => {
      process.stderr.write(`${'a flood of words '.repeat(4000)}\n`, () => setImmediate(more));
    };
    more();
  },
  mute: () => {
    createInterface(process.stdin).on('line', () => undefined);
  },
  'mute-to-strangers': () => serve(({ method }) => method !== 'server/discover'),
  'dies-of-strangers': () =>
    serve(({ method }) => {
      if (method === 'server/discover') process.exit(9);
      return true;
    }),
  'nameless-refusals': () => {
    createInterface(process.stdin).on('line', (line) => {
      const request = JSON.parse(line) as Request;
      if (request.method !== 'server/discover') return hear(request);
      say({ id: null, error: { code: -32600, message: 'who are you?' } });
    });
  },
  'slow-start': () => void setTimeout(() => serve(), 5_000),
  exit: () => {
    process.stderr.write('Error: Cannot find module paper\n    at somewhere\n\nNode.js v24\n');
    process.exit(1);
  },
  'ignores-sigterm': () => {
    process.on('SIGTERM', () => undefined);
    serve();
    setInterval(() => undefined, 1000);
  },
  'has-children': () => {
    // Of the same group, with the same streams, and deaf to everything polite.
    void import('node:child_process').then(({ spawn }) => {
      const child = spawn(process.execPath, [
        '-e',
        'process.on("SIGTERM",()=>{});setInterval(()=>{},1000);',
      ]);
      process.env['CHILD_PID'] = String(child.pid);
      serve();
    });
  },
  'ends-its-output': () => {
    serve();
    process.stdout.end();
    setInterval(() => undefined, 1000);
  },
};

habits[habit]?.();
