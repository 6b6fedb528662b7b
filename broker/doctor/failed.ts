/** A problem as a line of the report, with what would mend it. */
import type { Check } from '../../shared/contract/doctor.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { type SignInException, signInExceptions } from '../../shared/contract/sign-in-settings.ts';

export const failed = ({ code, message, hint, exception }: Problem, id?: string): Check => {
  const mend = exception === undefined ? hint : waiver(exception, id);
  return {
    tone: 'bad',
    text: message,
    code,
    ...(mend === undefined ? {} : { hint: mend }),
    ...(exception === undefined ? {} : { exception }),
  };
};

const waiver = (exception: SignInException, id: string | undefined): string => {
  const command = id === undefined ? 'drawbridge add <url>' : `drawbridge configure ${id}`;
  return `if you trust it, allow it: ${command} --allow ${exception} (${signInExceptions[exception].risk})`;
};
