/** What must nobody see who looks at what was said? Secrets: by their value, by their form, and by the name they stand under. */

const MASK = '[secret]';

/** Names under which secrets stand, in JSON and in headers. */
const SECRET_NAME =
  /authori[sz]ation|token|secret|passw|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|cookie|credential|^auth$|^pwd$/i;
/** Names longer than this are no names. */
const LONGEST_NAME = 200;

/** Forms that are secrets wherever they stand: what follows the words of a header, keys of our own door, other people's keys. */
const forms: readonly (readonly [form: RegExp, instead: string])[] = [
  [/\b(bearer|basic)(\s+)[\w.~+/-]{12,}=*/gi, `$1$2${MASK}`],
  [/\bdrawbridge_[\w-]{16,}/g, MASK],
  // The pages of our own door, which whoever has the address can answer.
  [/(\/(?:approve|sign-in)\/)[\w-]{20,}/g, `$1${MASK}`],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s{0,4}[:=]\s{0,4})[^\s"\\][^"\\\r\n]*/gi,
    `$1$2${MASK}`,
  ],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MASK],
  [/(:\/\/)[^\s/@"\\]{1,500}@/g, `$1${MASK}@`],
];

/**
 * A text without secrets, JSON or not, whole or cut off in the middle. `clean` takes out the values that are known.
 *
 * Rather too much than too little: whatever stands under a name like a secret's goes, but for numbers and the like.
 */
export const mask = (text: string, clean: (text: string) => string): string => {
  const named = withoutNamed(clean(text));
  return forms.reduce((rest, [form, instead]) => rest.replace(form, instead), named);
};

/** One pass over the text, token by token, so that its cost grows with its length alone. */
const withoutNamed = (text: string): string => {
  const parts: string[] = [];
  let done = 0;
  let at = 0;
  const put = (end: number, instead: string): void => {
    parts.push(text.slice(done, at), instead);
    done = end;
    at = end;
  };
  while ((at = text.indexOf('"', at)) !== -1) {
    const end = endOfString(text, at);
    const colon = colonAfter(text, end);
    if (colon === undefined) {
      const inner = withinString(text.slice(at, end));
      if (inner === undefined) at = end;
      else put(end, inner);
      continue;
    }
    if (!isSecretName(text.slice(at + 1, end - 1))) {
      at = end;
      continue;
    }
    at = startOfValue(text, colon);
    const last = endOfValue(text, at);
    if (last === undefined) continue;
    put(last, `"${MASK}"`);
  }
  parts.push(text.slice(done));
  return parts.join('');
};

const isSecretName = (name: string): boolean =>
  name.length <= LONGEST_NAME && SECRET_NAME.test(name);

/** JSON inside a string, as tools like to answer; undefined where there is none. */
const withinString = (token: string): string | undefined => {
  if (!token.includes('\\"')) return undefined;
  try {
    return JSON.stringify(withoutNamed(String(JSON.parse(token))));
  } catch {
    // Cut off: what is left of it is looked at as the text that it is.
    const inner = token.slice(1).replace(/\\+"/g, '"');
    return JSON.stringify(withoutNamed(inner)).slice(0, -1);
  }
};

/** Just behind the closing quote; the end of the text where there is none. */
const endOfString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"') return at + 1;
  }
  return text.length;
};

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
};

const colonAfter = (text: string, end: number): number | undefined => {
  const at = skipSpace(text, end);
  return text[at] === ':' ? at : undefined;
};

const startOfValue = (text: string, colon: number): number => skipSpace(text, colon + 1);

/** Of a string, an array or an object; undefined for a number and the like, which are no secrets. */
const endOfValue = (text: string, start: number): number | undefined => {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') return undefined;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
};
