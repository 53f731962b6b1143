/** Where a command writes what was asked for. Logs and failures go to standard error. */
export interface Terminal {
  readonly json: boolean;
  print(text: string): void;
}

export function createTerminal(options: { readonly json: boolean }): Terminal {
  return {
    json: options.json,
    print: (text) => process.stdout.write(`${text}\n`),
  };
}

/** Columns as wide as their longest cell, two spaces apart; those of numbers end on one line. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          numbers.includes(column)
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
