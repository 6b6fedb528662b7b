/** When what lapses is got anew: ahead of its end, and not with everything else that was got together with it. */

/** Early enough to survive an outage, late enough not to waste tokens. */
const SHARE_OF_LIFE = 0.75;
/** Plus or minus this share, so that grants made together are not renewed together. */
const JITTER = 0.05;
/** A server that issues tokens of no life at all must not keep us asking without a pause. */
const LEAST_INTERVAL_MS = 1_000;
/** Unix ms, like what it is given; `random` is in [0, 1). */
export const dueTime = (obtainedAt: number, expiresAt: number, random: number): number =>
  Math.max(
    obtainedAt + LEAST_INTERVAL_MS,
    Math.round(obtainedAt + (expiresAt - obtainedAt) * (SHARE_OF_LIFE + JITTER * (2 * random - 1))),
  );
