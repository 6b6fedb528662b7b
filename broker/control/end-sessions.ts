/** What a wipe does to browsers: a cookie or a link that somebody has got hold of opens nothing after it. */
import { ProblemError } from '../../shared/contract/problems.ts';
import { routes } from '../../shared/contract/routes.ts';
import type { BrowserSessions } from './browser-session.ts';
import { type Control, refuse } from './handler.ts';

/** The same, and a wipe ends all sessions. The browser that asked for it goes on with another one. */
export const endingSessions =
  (control: Control, sessions: Pick<BrowserSessions, 'endAll'>): Control =>
  async (request, caller) => {
    const answer = await control(request, caller);
    if (!isWipe(request) || !answer.ok) return answer;
    try {
      const cookie = sessions.endAll(request);
      if (cookie !== undefined) answer.headers.append('set-cookie', cookie);
      return answer;
    } catch (error) {
      // All is wiped, but that the sessions would be back after a restart must not go untold.
      if (error instanceof ProblemError) return refuse(error);
      throw error;
    }
  };

const isWipe = ({ method, url }: Request): boolean =>
  method === routes.wipe.method && new URL(url).pathname === routes.wipe.path;
