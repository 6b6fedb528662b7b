/** Tokens whose answer was long on its way, because the machine slept meanwhile: how much life have they left? */
import type { Tokens } from '../oauth/token-endpoint.ts';

/** As good as none; 0 is how some servers say "no end". Seconds. */
const LEAST_S = 0.001;

/** Tokens that were asked for `ms` ago: servers count their lives from some moment since then. */
export const aged = (tokens: Tokens, ms: number): Tokens => {
  const { expiresIn, refreshExpiresIn } = tokens;
  const left = (seconds: number): number =>
    seconds > 0 ? Math.max(LEAST_S, seconds - Math.max(0, ms) / 1000) : seconds;
  return {
    ...tokens,
    ...(expiresIn === undefined ? {} : { expiresIn: left(expiresIn) }),
    ...(refreshExpiresIn === undefined ? {} : { refreshExpiresIn: left(refreshExpiresIn) }),
  };
};
