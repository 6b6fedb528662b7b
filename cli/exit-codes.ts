/** What a script can tell from how a command ended. */
import type { ProblemCode } from '../shared/contract/problems.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  needsSignIn: 3,
  notRunning: 4,
  tryLater: 5,
  /** What shells give for a command that Ctrl-C ended. */
  interrupted: 130,
} as const;

const byProblem: Partial<Record<ProblemCode, number>> = {
  'bad-usage': exitCodes.usage,
  'needs-sign-in': exitCodes.needsSignIn,
  'not-running': exitCodes.notRunning,
  retrying: exitCodes.tryLater,
  offline: exitCodes.tryLater,
  'server-too-slow': exitCodes.tryLater,
};

export const exitCodeFor = (code: ProblemCode): number => byProblem[code] ?? exitCodes.failed;

export const exitCodesHelp = `Exit codes
    0  done
    1  failed
    2  the command line makes no sense
    3  somebody has to sign in
    4  Drawbridge is not running
    5  a passing failure: try later
  130  cancelled with Ctrl-C`;
