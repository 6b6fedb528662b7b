/** Another program on this machine that holds a port. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface HoldingProgram extends AsyncDisposable {
  readonly port: number;
  /** As a person is told of it. */
  readonly named: string;
}

const program = `
  const server = require('node:net').createServer();
  server.listen(0, process.argv[1], () => console.log(server.address().port));
`;

export const startHolding = async (
  address: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<HoldingProgram> => {
  const child = spawn(process.execPath, ['-e', program, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  return {
    port: Number(value),
    named: `${path.basename(process.execPath)} (process ${child.pid})`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
