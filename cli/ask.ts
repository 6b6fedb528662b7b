/** Asking the person at the terminal, where there is one. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Interrupted } from './command.ts';

/** Whether there is anybody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** A line typed in. Rejects when the person gives up with Ctrl-C or Ctrl-D. */
export const ask = (question: string): Promise<string> => askOn(process.stderr, question);

/** The same without showing what is typed: for secrets. */
export const askUnseen = async (question: string): Promise<string> => {
  process.stderr.write(question);
  try {
    return await askOn(new Writable({ write: (_chunk, _encoding, done) => done() }), '');
  } finally {
    process.stderr.write('\n');
  }
};

const askOn = async (output: NodeJS.WritableStream, question: string): Promise<string> => {
  // With `terminal` nothing is echoed but by the interface itself.
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('SIGINT', () => reject(new Interrupted('bad-usage', 'cancelled')));
      lines.once('close', () => reject(new Interrupted('bad-usage', 'cancelled')));
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
};
