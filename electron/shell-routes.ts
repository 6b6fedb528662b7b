/** What the window can ask of the desktop app itself, in front of the broker's control plane. */
import { Notification } from 'electron';
import type { Answer } from '../shared/contract/client.ts';
import { ProblemError, problemCodes, toProblem } from '../shared/contract/problems.ts';
import {
  NoticeTopic,
  SHELL_PATH,
  ShellChange,
  type ShellView,
  UPDATE_PATH,
  UpdateDeed,
} from '../shared/contract/shell.ts';
import type { LoginItem } from './login-item.ts';
import type { Preferences } from './preferences.ts';
import type { Updates } from './updates/updates.ts';

export interface ShellDeeds {
  readonly login: LoginItem | undefined;
  readonly updates: Updates | undefined;
  readonly preferences: Pick<Preferences, 'get' | 'set'>;
}

/** Only our own page can send requests to the private scheme; whoever answers for the rest is `control`. */
export const withShellRoutes =
  (control: Answer, deeds: ShellDeeds): Answer =>
  async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== SHELL_PATH && pathname !== UPDATE_PATH) return control(request);
    try {
      if (pathname === UPDATE_PATH) {
        const { updates } = deeds;
        if (request.method !== 'POST' || updates === undefined) throw nothingHere();
        const { deed } = UpdateDeed.parse(await jsonOf(request));
        await updates.act(deed);
      } else if (request.method === 'POST') {
        change(deeds, ShellChange.parse(await jsonOf(request)));
      }
      return reply(viewOf(deeds));
    } catch (error) {
      const problem = toProblem(
        error instanceof Error && error.name === 'ZodError' ? badRequest() : error,
      );
      return reply({ error: problem }, problemCodes[problem.code].status);
    }
  };

const viewOf = ({ login, updates, preferences }: ShellDeeds): ShellView => ({
  ...(login === undefined ? {} : { startAtLogin: login.isOn() }),
  startHidden: preferences.get('startHidden'),
  ...(Notification.isSupported() ? { notices: noticesIn(preferences) } : {}),
  ...(updates === undefined ? {} : { updates: updates.view() }),
});

const noticesIn = ({ get }: ShellDeeds['preferences']): NonNullable<ShellView['notices']> => ({
  on: get('notices'),
  quietAbout: NoticeTopic.options.filter((topic) => get('quietAbout').includes(topic)),
});

const change = (deeds: ShellDeeds, wish: ShellChange): void => {
  const { login, updates, preferences } = deeds;
  if (wish.startAtLogin !== undefined) {
    if (login === undefined) throw nothingHere();
    const { startAtLogin } = wish;
    attempt('the system did not let this be set', () => login.set(startAtLogin));
  }
  if (wish.lookForUpdates !== undefined) {
    if (updates === undefined) throw nothingHere();
    updates.want(wish.lookForUpdates);
  }
  attempt('this could not be saved', () => {
    if (wish.startHidden !== undefined) preferences.set('startHidden', wish.startHidden);
    if (wish.notices !== undefined) changeNotices(preferences, wish.notices);
  });
};

const changeNotices = (
  { get, set }: ShellDeeds['preferences'],
  { topic, on }: NonNullable<ShellChange['notices']>,
): void => {
  if (topic === undefined) return set('notices', on);
  const others = get('quietAbout').filter((one) => one !== topic);
  set('quietAbout', on ? others : [...others, topic]);
};

/** What the system says against it is not for a page to show. */
const attempt = (failure: string, deed: () => void): void => {
  try {
    deed();
  } catch (cause) {
    throw new ProblemError('internal', failure, { cause });
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
