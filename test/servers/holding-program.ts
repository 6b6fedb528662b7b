/** Another program on this machine that holds a port. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface HoldingProgram extends AsyncDisposable {
  readonly port: number;
  /** As a person is told of it. */
  readonly named: string;
  /** How often somebody has connected. */
  readonly visits: () => number;
}

const program = `
  const server = require('node:net').createServer((visitor) => {
    console.log('visited');
    visitor.destroy();
  });
  server.listen(Number(process.argv[2]), process.argv[1], () => console.log(server.address().port));
`;

/** At any free port by itself. */
export const startHolding = async (
  address: '127.0.0.1' | '::1' = '127.0.0.1',
  port = 0,
): Promise<HoldingProgram> => {
  const child = spawn(process.execPath, ['-e', program, address, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface(child.stdout);
  const opened = new Promise<string>((resolve) => lines.once('line', resolve));
  const held = Number(await opened);
  let visits = 0;
  lines.on('line', () => (visits += 1));
  return {
    port: held,
    named: `${path.basename(process.execPath)} (process ${child.pid})`,
    visits: () => visits,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
