/** What the window can ask of the desktop app itself, in front of the broker's control plane. */
import type { Answer } from '../shared/contract/client.ts';
import { ProblemError, problemCodes, toProblem } from '../shared/contract/problems.ts';
import {
  SHELL_PATH,
  ShellChange,
  type ShellView,
  UPDATE_PATH,
  UpdateDeed,
} from '../shared/contract/shell.ts';
import type { LoginItem } from './login-item.ts';
import type { Updates } from './updates/updates.ts';

export interface ShellDeeds {
  readonly login: LoginItem | undefined;
  readonly updates: Updates | undefined;
}

/** Only our own page can send requests to the private scheme; whoever answers for the rest is `control`. */
export const withShellRoutes =
  (control: Answer, { login, updates }: ShellDeeds): Answer =>
  async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== SHELL_PATH && pathname !== UPDATE_PATH) return control(request);
    try {
      if (pathname === UPDATE_PATH) {
        if (request.method !== 'POST' || updates === undefined) throw nothingHere();
        const { deed } = UpdateDeed.parse(await jsonOf(request));
        await updates.act(deed);
      } else if (request.method === 'POST') {
        change({ login, updates }, ShellChange.parse(await jsonOf(request)));
      }
      return reply(viewOf({ login, updates }));
    } catch (error) {
      const problem = toProblem(
        error instanceof Error && error.name === 'ZodError' ? badRequest() : error,
      );
      return reply({ error: problem }, problemCodes[problem.code].status);
    }
  };

const viewOf = ({ login, updates }: ShellDeeds): ShellView => ({
  ...(login === undefined ? {} : { startAtLogin: login.isOn() }),
  ...(updates === undefined ? {} : { updates: updates.view() }),
});

const change = ({ login, updates }: ShellDeeds, wish: ShellChange): void => {
  if (wish.startAtLogin !== undefined) {
    if (login === undefined) throw nothingHere();
    try {
      login.set(wish.startAtLogin);
    } catch (cause) {
      throw new ProblemError('internal', 'the system did not let this be set', { cause });
    }
  }
  if (wish.lookForUpdates !== undefined) {
    if (updates === undefined) throw nothingHere();
    updates.want(wish.lookForUpdates);
  }
};

const jsonOf = (request: Request): Promise<unknown> =>
  request.json().catch(() => {
    throw badRequest();
  });

const reply = (body: object, status = 200): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

const nothingHere = (): ProblemError =>
  new ProblemError('not-found', 'there is nothing at this address');

const badRequest = (): ProblemError =>
  new ProblemError('bad-request', 'the request does not have the form that this address takes');
