/** Rows of facts as a person reads them: each column as wide as its widest cell. */
import { oneLine } from './terminal.ts';

export const inColumns = (rows: readonly (readonly string[])[]): string => {
  const lines = rows.map((cells) => cells.map(oneLine));
  const count = Math.max(0, ...lines.map(({ length }) => length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
