/** What the fragment of the page's address says: where in the window the person is, and what a link proposes. */
import type { ServerId } from '../../shared/contract/ids.ts';
import { proposedIn } from '../../shared/review-link.ts';

export const screenNames = ['servers', 'ai-clients', 'activity', 'forecast', 'settings'] as const;
export type ScreenName = (typeof screenNames)[number];

/** What the page of a server shows besides its details. */
export const serverParts = ['tools', 'prompts', 'resources', 'activity'] as const;
export type ServerPart = (typeof serverParts)[number];

export interface Place {
  readonly screen: ScreenName;
  /** One of them, on the screen of servers; the one whose requests are shown, on that of activity. */
  readonly server?: ServerId;
  /** Of its page; absent for its details. */
  readonly part?: ServerPart;
  /** Its settings instead of the server itself. */
  readonly settings?: true;
  /** Its settings were opened on its page, and lead back there; not a part of links. */
  readonly fromPage?: true;
  /** With the way to add a server open, and its address filled in; not a part of links, or they could do it. */
  readonly add?: { readonly url: string };
}

export interface Address {
  readonly place: () => Place;
  /** The address of a server, until `forget`. */
  readonly proposed: () => string | undefined;
  readonly subscribe: (listener: () => void) => () => void;
  /** Another entry in the history of the page, so that "back" leads back. */
  readonly go: (place: Place) => void;
  readonly forget: () => void;
}

/** As it stands in a link. */
export const hrefOf = ({ screen, server, part, settings }: Place): string =>
  `#/${[screen, server, settings ? 'settings' : part].filter((one) => one !== undefined).join('/')}`;

/** The screens that may show one server. */
const ofServers: ReadonlySet<ScreenName> = new Set(['servers', 'activity']);

const start: Place = { screen: 'servers' };

/** Where a fragment leads; what is not of its form leads to the start. */
export const placeIn = (fragment: string): Place => {
  const [screen, server, rest, ...more] = fragment.replace(/^#\//, '').split('/');
  const known = screenNames.find((name) => name === screen);
  if (known === undefined || more.length > 0) return start;
  if (!ofServers.has(known) || server === undefined || server === '') return { screen: known };
  if (known !== 'servers') return { screen: known, server };
  const part = serverParts.find((name) => name === rest);
  return {
    ...{ screen: known, server },
    ...(rest === 'settings' ? { settings: true } : {}),
    ...(part === undefined ? {} : { part }),
  };
};

export const createAddress = (page: Window): Address => {
  const listeners = new Set<() => void>();
  const { location, history } = page;
  let place = placeIn(location.hash);
  let proposed: string | undefined;

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const look = (): void => {
    if (location.hash === '' || location.hash.startsWith('#/')) {
      place = placeIn(location.hash);
    } else {
      proposed = proposedIn(location.hash) ?? proposed;
      // Gone at once: the same link may come again, and a reload is no second one.
      history.replaceState(null, '', location.pathname + hrefOf(place));
    }
    tell();
  };
  look();
  page.addEventListener('hashchange', look);

  return {
    place: () => place,
    proposed: () => proposed,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    go: (next) => {
      history.pushState(null, '', location.pathname + hrefOf(next));
      place = next;
      tell();
    },
    forget: () => {
      proposed = undefined;
      tell();
    },
  };
};
