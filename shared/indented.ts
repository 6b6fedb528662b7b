/** JSON as a person reads it: a line for each value, and nothing of it changed or left out, not even what comes twice. */

const STEP = '  ';

/** The text as it is, but for the white space between its values. What is cut off in the middle stays so. */
export const indented = (json: string): string => {
  let depth = 0;
  const line = (): string => `\n${STEP.repeat(Math.max(0, depth))}`;
  return json
    .replace(TOKEN, (token) => {
      if (/^\s/.test(token)) return '';
      if (/^[{[]\s*[}\]]$/.test(token)) return token.replace(/\s/g, '');
      if (token === '{' || token === '[') {
        depth += 1;
        return token + line();
      }
      if (token === '}' || token === ']') {
        depth -= 1;
        return line() + token;
      }
      if (token === ',') return token + line();
      return token === ':' ? ': ' : token;
    })
    .trim();
};

/** Strings first, whole or cut off: whatever is in them is theirs. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{[]\s*[}\]]|[{}[\],:]|\s+/gs;
