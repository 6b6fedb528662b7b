/** How long is "15m"? */
import { ProblemError } from '../shared/contract/problems.ts';
import { oneLine } from './terminal.ts';

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
};

/** In ms. Throws `bad-usage` for what is no length of time. */
export const durationOf = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,6})(s|m|min|h|d)$/.exec(text) ?? [];
  const size = units[unit];
  if (size !== undefined) return Number(count) * size;
  throw new ProblemError('bad-usage', `"${oneLine(text)}" is no length of time`, {
    hint: '30s, 15m, 2h or 7d are',
  });
};
