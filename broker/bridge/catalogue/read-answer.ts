/** The content of an answer, as far as the catalogue wants to know it. */

/** A list that is longer is kept nowhere, so it need not be read; in characters. */
const LONGEST = 16 * 1024 * 1024;

/** Undefined for what is no JSON on the inside: the AI client gets it as it came, and judges it. */
export const readAnswer = (json: string): unknown => {
  if (json.length > LONGEST) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
