/** What no page may do in this program, whatever got into it. */
import { session } from 'electron';
import { isMadeByOurs, isOurs } from './scheme.ts';

/** Copying a link or a key the person asked for; it reads nothing. */
const WRITE_TO_CLIPBOARD = 'clipboard-sanitized-write';

/** Must run once Electron is ready and before the first window. */
export const hardenSession = (): void => {
  const ours = session.defaultSession;

  // Camera, notifications, file system and the rest: the window has no use for them.
  ours.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(permission === WRITE_TO_CLIPBOARD),
  );
  ours.setPermissionCheckHandler((_contents, permission) => permission === WRITE_TO_CLIPBOARD);
  ours.setDevicePermissionHandler(() => false);

  // Nothing is fetched from or sent to a network by a page, even if its content policy were got round.
  ours.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !isOurs(url) && !isMadeByOurs(url) && !url.startsWith('devtools:') }),
  );
  // What the person saves asks them where to; nothing else comes to lie on their disk.
  ours.on('will-download', (event, item) => {
    if (!isMadeByOurs(item.getURL())) event.preventDefault();
  });
  // Would fetch dictionaries from a public server.
  ours.setSpellCheckerEnabled(false);
};
