/** From the text of a policy to its rules, or to what is wrong with it and where. */
import { PolicyRules } from '../../shared/contract/policy.ts';
import { type Place, readJsonc } from '../../shared/jsonc.ts';

interface Fault extends Place {
  readonly why: string;
}

type Parsed = { readonly rules: PolicyRules } | { readonly fault: Fault };

/** Never throws. */
export const parsePolicy = (text: string): Parsed => {
  try {
    return parse(text);
  } catch {
    // Lists in lists in lists: deeper than any reader goes.
    return { fault: { why: 'it cannot be understood', line: 1, column: 1 } };
  }
};

const parse = (text: string): Parsed => {
  const { value, mistakes, placeOf } = readJsonc(text);
  const [mistake] = mistakes;
  if (mistake !== undefined) {
    const { line, column, message, path } = mistake;
    const twice = `${JSON.stringify(path.at(-1))} is said twice`;
    const why = mistake.is === 'twice' ? twice : `it is no JSON: ${message}`;
    return { fault: { why, line, column } };
  }
  const parsed = PolicyRules.safeParse(value);
  if (parsed.success) return { rules: parsed.data };
  const [issue] = parsed.error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...keys].filter((part) => typeof part !== 'symbol');
  const why = keys.length === 0 ? (issue?.message ?? 'wrong') : 'there is no such rule';
  return {
    fault: {
      why: path.length === 0 ? why : `${path.join('.')}: ${why}`,
      // Of what is unknown the name is what is wrong, of anything else the value.
      ...placeOf(path, keys.length === 0 ? 'value' : 'name'),
    },
  };
};
