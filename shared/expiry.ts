/** How long a token has left, in words: the same in tray, window and terminal. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The unit to speak in once at least `from` ms are left, coarsest first. */
const units = [
  { from: 2 * DAY, size: DAY, name: 'days' },
  { from: 2 * HOUR, size: HOUR, name: 'h' },
  { from: 2 * MINUTE, size: MINUTE, name: 'min' },
  { from: 0, size: SECOND, name: 's' },
] as const;

/** "18 s left", "4 min left", "expired". Rounded down, so it never promises more than there is. Times in ms. */
export const timeLeft = (expiresAt: number, now: number): string => {
  const left = expiresAt - now;
  if (left <= 0) return 'expired';
  const unit = units.find((candidate) => left >= candidate.from) ?? units[3];
  return `${Math.floor(left / unit.size)} ${unit.name} left`;
};

/** "45 s", "60 min", "8 h", "30 days": about how long something goes on, ms. */
export const aboutSo = (length: number): string => {
  const unit = units.find(({ from }) => length >= from) ?? units[3];
  return `${Math.round(length / unit.size)} ${unit.name}`;
};

/** "just now", "4 min ago", "3 days ago". Rounded down. Times in ms. */
export const timeAgo = (at: number, now: number): string => {
  const past = now - at;
  if (past < MINUTE) return 'just now';
  // Smaller numbers are good enough for what is over.
  const unit = agoUnits.find(({ size }) => past >= size) ?? agoUnits[2];
  const count = Math.floor(past / unit.size);
  return `${count} ${count === 1 ? unit.one : unit.name} ago`;
};

const agoUnits = [
  { size: DAY, name: 'days', one: 'day' },
  { size: HOUR, name: 'h', one: 'h' },
  { size: MINUTE, name: 'min', one: 'min' },
] as const;

/** How long, in ms, until `timeAgo` says something else. */
export const timeAgoChangesIn = (at: number, now: number): number => {
  const past = Math.max(0, now - at);
  const unit = agoUnits.find(({ size }) => past >= size) ?? agoUnits[2];
  return unit.size - (past % unit.size);
};

/** How long, in ms, until `timeLeft` says something else; undefined once it has expired. */
export const timeLeftChangesIn = (expiresAt: number, now: number): number | undefined => {
  const left = expiresAt - now;
  if (left <= 0) return undefined;
  const unit = units.find((candidate) => left >= candidate.from) ?? units[3];
  // Below one second the next words are "expired", at the end itself.
  return left < SECOND ? left : (left % unit.size) + 1;
};
