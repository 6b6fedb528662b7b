/** The doubles of what belongs to the system: network, power, other programs, dialogs. */
import { EventEmitter } from 'node:events';
import { life, type Question } from './life.ts';

export const net = { isOnline: (): boolean => life().online };

export const powerMonitor = new EventEmitter();

/** A dark or a light desktop, as a test says. */
export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  shouldUseDarkColorsForSystemIntegratedUI: false,
});

export const clipboard = {
  writeText: async (text: string): Promise<void> => {
    if (life().clipboardIsTaken) throw new Error('the clipboard is taken');
    life().clipboard = text;
  },
};

export const ipcMain = new EventEmitter();

export const shell = {
  openExternal: async (address: string): Promise<void> => void life().opened.push(address),
  openPath: async (_file: string): Promise<string> => '',
};

export const dialog = {
  showErrorBox: (title: string, content: string): void =>
    void life().errorBoxes.push({ title, content }),
  showMessageBox: ({ message, buttons = [], signal }: Electron.MessageBoxOptions) => {
    const { questions } = life();
    const { promise, resolve } = Promise.withResolvers<{ response: number }>();
    const question: Question = {
      message,
      answer: (button) => {
        questions.splice(questions.indexOf(question), 1);
        resolve({ response: buttons.indexOf(button) });
      },
    };
    questions.push(question);
    // Electron answers with the last button when the question is taken away.
    signal?.addEventListener('abort', () => question.answer(buttons.at(-1) ?? ''));
    return promise;
  },
};
