/** Work that outlives the call that began it: kept by id, asked about, answered, cancelled (SEP-2663). */
import { randomUUID } from 'node:crypto';
import {
  type CallToolResult,
  type InputRequest,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';

/** What the work of a task can do. */
export interface Desk {
  readonly signal: AbortSignal;
  /** Asks everything at once, and waits until all of it is answered. */
  readonly ask: (requests: Readonly<Record<string, InputRequest>>) => Promise<void>;
}

export type Work = (desk: Desk) => Promise<CallToolResult>;

type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

interface Task {
  readonly id: string;
  readonly createdAt: string;
  readonly given: AbortController;
  readonly questions: Map<string, InputRequest>;
  readonly answered: PromiseWithResolvers<void>;
  status: Status;
  lastUpdatedAt: string;
  outcome: { readonly result?: CallToolResult; readonly error?: object };
}

export interface Tasks {
  /** The result of the call that began it. */
  readonly start: (work: Work) => Record<string, unknown>;
  /** Throws for an id that is nobody's, as the others do. */
  readonly get: (id: string) => Record<string, unknown>;
  readonly answer: (id: string, keys: readonly string[]) => void;
  /** Nothing happens to a task that has ended. */
  readonly cancel: (id: string) => void;
  readonly close: () => void;
}

const TTL_MS = 60_000;
const POLL_MS = 100;

const now = (): string => new Date().toISOString();
const hasEnded = ({ status }: Task): boolean => status !== 'working' && status !== 'input_required';

export const createTasks = (): Tasks => {
  const tasks = new Map<string, Task>();

  const find = (id: string): Task => {
    const task = tasks.get(id);
    if (task === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'no such task');
    return task;
  };

  const cancel = (task: Task): void => {
    turn(task, 'cancelled');
    task.given.abort();
  };

  return {
    start: (work) => {
      const task: Task = {
        ...{ id: randomUUID(), createdAt: now(), lastUpdatedAt: now() },
        ...{ given: new AbortController(), questions: new Map(), outcome: {} },
        answered: Promise.withResolvers(),
        status: 'working',
      };
      tasks.set(task.id, task);
      void work(deskOf(task)).then(
        (result) => turn(task, 'completed', { result }),
        (error: unknown) =>
          turn(task, 'failed', {
            error: { code: ProtocolErrorCode.InternalError, message: String(error) },
          }),
      );
      return { resultType: 'task', ...described(task) };
    },
    get: (id) => {
      const task = find(id);
      const { status, questions, outcome } = task;
      return {
        ...described(task),
        ...outcome,
        ...(status === 'input_required' ? { inputRequests: Object.fromEntries(questions) } : {}),
      };
    },
    answer: (id, keys) => {
      const task = find(id);
      for (const key of keys) task.questions.delete(key);
      if (task.status === 'input_required' && task.questions.size === 0) {
        turn(task, 'working');
        task.answered.resolve();
      }
    },
    cancel: (id) => cancel(find(id)),
    close: () => {
      for (const task of tasks.values()) cancel(task);
    },
  };
};

const turn = (task: Task, status: Status, outcome: Task['outcome'] = {}): void => {
  if (hasEnded(task)) return;
  Object.assign(task, { status, outcome, lastUpdatedAt: now() });
};

const deskOf = (task: Task): Desk => ({
  signal: task.given.signal,
  ask: (requests) => {
    for (const [key, request] of Object.entries(requests)) task.questions.set(key, request);
    turn(task, 'input_required');
    return task.answered.promise;
  },
});

const described = ({ id: taskId, status, createdAt, lastUpdatedAt }: Task) => ({
  ...{ taskId, status, createdAt, lastUpdatedAt },
  ...{ ttlMs: TTL_MS, pollIntervalMs: POLL_MS },
});
