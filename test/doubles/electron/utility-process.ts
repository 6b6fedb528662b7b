/** The double of `utilityProcess`: a forked Node that speaks through `process.parentPort`. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { life, mustBeReady } from './life.ts';

const shim = path.join(import.meta.dirname, 'parent-port.cjs');

/** How each child was started, for a test that looks for secrets there. */
const commands = new WeakMap<UtilityProcess, readonly string[]>();

export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;

  constructor(
    file: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv },
  ) {
    mustBeReady('utilityProcess');
    super();
    this.#child = fork(file, args, {
      env: options.env ?? process.env,
      execArgv: ['--require', shim],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    commands.set(this, this.#child.spawnargs);
    this.#child.once('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.once('exit', (code) => this.emit('exit', code ?? 1));
    this.#child.once('error', () => this.emit('exit', 1));
    life().children.push(this);
  }

  static fork(file: string, args: readonly string[] = [], options = {}): UtilityProcess {
    return new UtilityProcess(file, args, options);
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null
      ? this.#child.pid
      : undefined;
  }

  postMessage(message: unknown): void {
    // A child that has just ended cannot be told anything, and Electron does not complain either.
    if (this.#child.connected) this.#child.send({ data: message, ports: [] }, () => undefined);
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

export const commandOf = (child: UtilityProcess): readonly string[] => commands.get(child) ?? [];
