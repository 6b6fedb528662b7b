/** Text that somebody else chose, made fit for a line: on a screen, in a terminal, in a file. */

/**
 * Without control and formatting characters, which move cursors, set clipboards and turn text around, and at most `most`
 * characters long.
 */
export const plainText = (text: string, most = 100): string =>
  text
    .slice(0, most * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most);
