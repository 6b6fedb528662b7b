/** A broker in a process of its own, to be killed. Keychain and browser are those of the process that started it. */
import path from 'node:path';
import { startBroker, systemClock } from '../../../broker/broker.ts';
import type { KeychainReply, Ports } from '../../../broker/ports.ts';
import { noPolicy } from '../../doubles/no-policy.ts';
import type { FromBroker, ToBroker } from './messages.ts';
import { stopWhereTold } from './stops.ts';

const [dataFolder = ''] = process.argv.slice(2);
stopWhereTold(dataFolder);
const tell = (message: FromBroker): void => void process.send?.(message);

let asked = 0;
const waiting = new Map<number, (reply: KeychainReply) => void>();
const keychain: Ports['keychain'] = (request) =>
  new Promise((resolve) => {
    asked += 1;
    waiting.set(asked, resolve);
    tell({ about: 'keychain', id: asked, request });
  });
process.on('message', (message: ToBroker) => {
  if (message.about === 'keychain') waiting.get(message.id)?.(message.reply);
});
// Whoever started it is gone: nobody else would end it.
process.on('disconnect', () => process.exit());

const broker = await startBroker(
  {
    ...{ dataFolder, windowFolder: path.join(dataFolder, 'window'), version: '0.0.0-test' },
    policy: noPolicy(dataFolder),
  },
  {
    clock: systemClock,
    keychain,
    openBrowser: async ({ href }) => tell({ about: 'browser', href }),
    onPowerEvent: () => () => undefined,
    writeLog: (line) => tell({ about: 'log', line }),
  },
);
tell({ about: 'started', door: broker.snapshot().doors.http ?? '' });
