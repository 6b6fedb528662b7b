/** The control plane where each surface reaches it: who is let in how, and as whom. */
import { timingSafeEqual } from 'node:crypto';
import type { Answer } from '../../shared/contract/client.ts';
import { ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { Caller } from '../../shared/contract/routes.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';
import { type BrowserSessions, ENTER_PATH } from './browser-session.ts';
import { compressed } from './compressed.ts';
import { type Control, refuse } from './handler.ts';

/** For the product's own window on a private scheme: nobody else can send these requests. */
export const mountDesktop =
  (control: Control, files: Answer): Answer =>
  (request) =>
    isControl(request) ? control(request, 'window') : files(request);

/** For a browser: files for anybody, everything else for a session. */
export const mountWeb =
  (control: Control, files: Answer, sessions: BrowserSessions): Answer =>
  async (request) => {
    try {
      if (new URL(request.url).pathname === ENTER_PATH) return sessions.enter(request);
      if (!isControl(request)) return await files(request);
      sessions.assertSession(request);
    } catch (error) {
      if (error instanceof ProblemError) return refuse(error);
      throw error;
    }
    if (new URL(request.url).pathname !== EVENTS_PATH) return control(request, 'window');
    // A stream that goes on must not outlast what let it begin.
    const { url, method } = request;
    const life = new Request(url, { method, signal: sessions.lifeOf(request) });
    return compressed(request, await control(life, 'window'));
  };

/** With it a holder of the key asks for less than the key opens: a window that shows another process's broker. */
export const CALLER_HEADER = 'x-drawbridge-caller';

/** For commands of the same user, who alone can read the key of this run. A door key does not open it. */
export const mountTerminal =
  (control: Control, key: string): Answer =>
  async (request) =>
    holds(request, key) ? control(request, callerOf(request)) : refuse(wrongKey());

const callerOf = (request: Request): Caller =>
  request.headers.get(CALLER_HEADER) === 'window' ? 'window' : 'terminal';

const isControl = (request: Request): boolean => new URL(request.url).pathname.startsWith('/api/');

const holds = (request: Request, key: string): boolean => {
  const given = Buffer.from(request.headers.get('authorization') ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

const wrongKey = (): ProblemError =>
  new ProblemError('not-allowed', 'this command does not belong to the running Drawbridge');

/** A mount that answers a defect of ours as a problem rather than as a broken connection. */
export const neverThrowing =
  (answer: Answer): Answer =>
  (request) =>
    answer(request).catch((error: unknown) =>
      refuse(new ProblemError('internal', toProblem(error).message)),
    );
