/** `drawbridge forecast` */
import { timeLeft } from '../../shared/expiry.ts';
import { type Forecast, forecast as forecastOf } from '../../shared/forecast.ts';
import type { Command } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const forecast: Command = {
  usage: 'forecast',
  summary: 'show what renews itself, and what lapses when',
  help: [],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    const events = forecastOf(await (await control()).snapshot());
    const now = Date.now();
    terminal.facts(
      events.length === 0
        ? 'nothing is known to come'
        : events.map((event) => line(event, now)).join('\n'),
      events,
    );
  },
};

const words: Readonly<Record<Forecast['what'], string>> = {
  renews: 'renews itself',
  lapses: 'lapses, and has to be signed in again',
  ends: 'ends, and has to be signed in again',
  'certificate-ends': 'the certificate that it is shown ends',
};

const line = ({ key, label, what, at }: Forecast, now: number): string =>
  [
    new Date(at).toISOString().slice(0, 16).replace('T', ' '),
    `(${timeLeft(at, now)})`.padEnd(16),
    oneLine(whose(key, label)).padEnd(32),
    words[what],
  ].join('  ');

const whose = ({ server, account }: Forecast['key'], label: string | undefined): string => {
  const who = label ?? account;
  return who === undefined ? server : `${server}/${who}`;
};
