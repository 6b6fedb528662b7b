/** Puts on the clipboard what `drawbridge connect --for` prints, and says where it belongs. */
import { clipboard, Notification } from 'electron';
import { aiClients, anyClient, placeOfEntry, shimEntry } from '../shared/ai-clients.ts';
import type { ShimStart } from '../shared/contract/host.ts';
import { ALL_ENTRY, ALL_SERVERS, entryName } from '../shared/contract/ids.ts';
import type { CopiedEntry } from '../shared/tray-items.ts';
import { strings } from './strings.ts';

export const createCopyEntry =
  (shimStart: () => ShimStart) =>
  ({ aiClient: name, server }: CopiedEntry): void => {
    const aiClient = (name === undefined ? undefined : aiClients[name]) ?? anyClient;
    const entry = shimEntry(shimStart(), server ?? ALL_SERVERS);
    const text = aiClient.text(server === undefined ? ALL_ENTRY : entryName(server), entry);
    void Promise.resolve(clipboard.writeText(text)).then(
      () => tell(strings.copied, placeOfEntry(aiClient)),
      () => tell(strings.notCopied.title, strings.notCopied.text),
    );
  };

const tell = (title: string, body: string): void => {
  if (Notification.isSupported()) new Notification({ title, body }).show();
};
