/** The control plane where each surface reaches it: who is let in how, and as whom. */
import { timingSafeEqual } from 'node:crypto';
import type { Answer } from '../../shared/contract/client.ts';
import { digestIn, isForBroker } from '../../shared/contract/icons.ts';
import { ProblemError, toProblem } from '../../shared/contract/problems.ts';
import { CALLER_HEADER, type Caller } from '../../shared/contract/routes.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';
import { PROOF_PATH, WINDOW_KEY_HEADER } from '../../shared/contract/window-proof.ts';
import { type BrowserSessions, ENTER_PATH } from './browser-session.ts';
import { compressed } from './compressed.ts';
import { endWorker, isForWorker } from './end-workers.ts';
import { type Control, refuse } from './handler.ts';

/** For the product's own window on a private scheme: nobody else can send these requests. */
export const mountDesktop =
  (control: Control, files: Answer): Answer =>
  (request) =>
    isForBroker(new URL(request.url).pathname) ? control(request, 'window') : files(request);

/** For a browser: files, proofs and pictures for anybody, everything else for a session. */
export const mountWeb =
  (control: Control, files: Answer, sessions: BrowserSessions): Answer =>
  async (request) => {
    if (isForWorker(request)) return endWorker();
    const { pathname } = new URL(request.url);
    try {
      if (pathname === ENTER_PATH) return sessions.enter(request);
      if (pathname === PROOF_PATH && request.method === 'GET') return sessions.prove(request);
      if (isPicture(request)) return await control(request, 'window');
      if (!isControl(request)) return await files(request);
      sessions.assertSession(request);
    } catch (error) {
      if (error instanceof ProblemError) return refuse(error);
      throw error;
    }
    if (pathname !== EVENTS_PATH) return control(request, 'window');
    // A stream that goes on must not outlast what let it begin.
    const { url, method } = request;
    const life = new Request(url, { method, signal: sessions.lifeOf(request) });
    const answer = compressed(request, await control(life, 'window'));
    const key = sessions.keyOf(request);
    // With the first of what it is shown: no page goes without, whenever Drawbridge goes.
    if (key !== undefined) answer.headers.set(WINDOW_KEY_HEADER, key);
    return answer;
  };

/** For commands of the same user, who alone can read the key of this run. A door key does not open it. */
export const mountTerminal =
  (control: Control, key: string): Answer =>
  async (request) =>
    holds(request, key) ? control(request, callerOf(request)) : refuse(wrongKey());

const callerOf = (request: Request): Caller =>
  request.headers.get(CALLER_HEADER) === 'window' ? 'window' : 'terminal';

const isControl = (request: Request): boolean => new URL(request.url).pathname.startsWith('/api/');

const isPicture = ({ method, url }: Request): boolean =>
  method === 'GET' && digestIn(new URL(url).pathname) !== undefined;

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
