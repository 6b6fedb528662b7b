/**
 * Which requests the window may make of a daemon.
 *
 * To a daemon the shell speaks with the key of a command in a terminal, which opens more than a page may have: a
 * route that hands out a token, for one. So only what the table gives to windows passes.
 */
import { ServerId } from '../shared/contract/ids.ts';
import { type Caller, EVENTS_PATH, routes } from '../shared/contract/routes.ts';

/** Whether the table lets a window ask this. What it does not know is not let through either. */
export const isForWindow = (request: Request): boolean => {
  const { pathname } = new URL(request.url);
  return open.some(({ method, path }) => method === request.method && matches(path, pathname));
};

const isOpen = (callers: readonly Caller[] | undefined): boolean =>
  callers === undefined || callers.includes('window');

const open = [
  { method: 'GET', path: EVENTS_PATH },
  ...Object.values(routes).filter((row) => isOpen('callers' in row ? row.callers : undefined)),
];

const matches = (pattern: string, pathname: string): boolean => {
  const given = pathname.split('/');
  const wanted = pattern.split('/');
  return (
    given.length === wanted.length &&
    wanted.every((part, index) =>
      part.startsWith(':') ? ServerId.safeParse(given[index]).success : part === given[index],
    )
  );
};
