/** What a right click offers: to cut, copy and paste where that can be done, and nothing else. */
import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';

/** Without it an address cannot be pasted with the mouse alone: Electron shows no menu of its own. */
export const offerEditing = (window: BrowserWindow): void =>
  void window.webContents.on('context-menu', (_event, params) => {
    const items = itemsFor(params);
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window });
  });

type Place = Pick<Electron.ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags'>;

const itemsFor = ({
  isEditable,
  selectionText,
  editFlags,
}: Place): MenuItemConstructorOptions[] => {
  if (isEditable) {
    return [
      { role: 'cut', enabled: editFlags.canCut },
      // Not out of a field that hides what is in it.
      { role: 'copy', enabled: editFlags.canCopy },
      { role: 'paste', enabled: editFlags.canPaste },
      { type: 'separator' },
      { role: 'selectAll', enabled: editFlags.canSelectAll },
    ];
  }
  return selectionText.trim() === '' ? [] : [{ role: 'copy' }];
};
