/** What a right click offers in the window. */
import { BrowserWindow } from 'electron';
import { afterAll, afterEach, expect, it } from 'vitest';
import { offerEditing } from '../../electron/offer-editing.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { becomeReady } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { endShell, runShell, theWindow } from './running-shell.ts';

afterEach(endShell);
afterAll(closeChromium);

/** As Electron tells of a place in the page: all can be done there that is not said to be impossible. */
const clickOn = (place: {
  readonly isEditable: boolean;
  readonly selectionText: string;
  readonly cannot?: readonly string[];
  readonly [more: string]: unknown;
}) => {
  becomeReady();
  const window = new BrowserWindow({ show: false });
  offerEditing(window);
  const flags = ['canCut', 'canCopy', 'canPaste', 'canSelectAll'];
  const editFlags = Object.fromEntries(
    flags.map((flag) => [flag, !(place.cannot ?? []).includes(flag)]),
  );
  window.webContents.emit('context-menu', {}, { ...place, editFlags });
  return life().contextMenu?.items.map(({ role, type, enabled }) => {
    const name = type === 'separator' ? '---' : role;
    return enabled ? name : `(${name})`;
  });
};

it('is to cut, copy, paste and select all in a field', () => {
  expect(clickOn({ isEditable: true, selectionText: 'https://' })).toEqual([
    ...['cut', 'copy', 'paste', '---', 'selectAll'],
  ]);
});

it('greys out what cannot be done, as copying out of a field that hides what is in it', () => {
  const cannot = ['canCut', 'canCopy'];
  expect(clickOn({ isEditable: true, selectionText: '••••', cannot })).toEqual([
    ...['(cut)', '(copy)', 'paste', '---', 'selectAll'],
  ]);
});

it('is to copy what is selected', () => {
  expect(clickOn({ isEditable: false, selectionText: 'a problem' })).toEqual(['copy']);
});

it.each([
  ['nothing', {}],
  ['a link', { linkURL: 'https://evil.example/', linkText: 'more' }],
  ['a picture', { mediaType: 'image', srcURL: 'https://evil.example/a.png' }],
  ['a word that is spelt otherwise', { misspelledWord: 'wrod', dictionarySuggestions: ['word'] }],
])('is nothing on %s', (_what, place) => {
  expect(clickOn({ isEditable: false, selectionText: ' \n', ...place })).toBeUndefined();
});

it('comes up in the window of the app', async () => {
  await runShell();
  const place = { isEditable: false, selectionText: 'a problem' };

  theWindow().webContents.emit('context-menu', {}, place);

  expect(life().contextMenu?.items.map(({ role }) => role)).toEqual(['copy']);
});
