import { createHash } from 'node:crypto';

import { lengthOfArray } from './binary-array.ts';
import type { Statement } from './connection.ts';

/** A statement whose answer nobody needs. */
export interface Write {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  /** How many rows whose `ok` is true it has to return. */
  readonly rows?: number | undefined;
}

/** Up to here the texts for few rows take PostgreSQL less time (docs/adr/0027). */
const fewRowsMax = 128;

const combinations = new Map<string, Statement>();

/**
 * Several writes as the WITH list of one statement: one message, one plan, one answer. It fails where one of them does
 * not return the rows that it has to.
 */
export function combineWrites(writes: readonly Write[]): Omit<Write, 'rows'> {
  // One for all of them, so that there are two statements for each combination, not two to the power of its parts.
  const many = writes.some(({ statement, values }) => isMany(statement, values));
  const [first] = writes;
  if (writes.length === 1 && first !== undefined && first.rows === undefined && !many) return first;
  const name =
    (many ? 'many:' : '') +
    writes
      .map((write) =>
        write.rows === undefined ? write.statement.name : `${write.statement.name}!`,
      )
      .join('+');
  let statement = combinations.get(name);
  if (statement === undefined) {
    statement = combine(writes, many);
    combinations.set(name, statement);
  }
  const values: unknown[] = [];
  for (const write of writes) values.push(...write.values);
  for (const write of writes) if (write.rows !== undefined) values.push(write.rows);
  return { statement, values };
}

/** The text of a statement by itself that is the faster one for so many rows. */
export function formOf(statement: Statement, values: readonly unknown[]): Statement {
  const { name, textOfMany } = statement;
  return textOfMany !== undefined && isMany(statement, values)
    ? { name: `many:${name}`, text: textOfMany }
    : statement;
}

/** The first array of its values, after the workspace, holds no null. */
function isMany(statement: Statement, values: readonly unknown[]): boolean {
  return statement.textOfMany !== undefined && lengthOfArray(values[1]) > fewRowsMax;
}

function combine(writes: readonly Write[], many: boolean): Statement {
  let offset = 0;
  const parts = writes.map((write, index) => {
    const own = (many ? write.statement.textOfMany : undefined) ?? write.statement.text;
    const text = own.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + offset}`);
    offset += write.values.length;
    return `w${index} as (\n${text}\n)`;
  });
  const checks = writes.flatMap((write, index) =>
    write.rows === undefined
      ? []
      : [`(select count(*) from w${index} where ok) = $${(offset += 1)}`],
  );
  // PostgreSQL runs the last of them first (nodeModifyTable.c): listed backwards, rows are locked in the order given.
  const text = `with ${parts.toReversed().join(',\n')}\nselect ${
    checks.length === 0 ? '' : `1 / (${checks.join(' and ')})::int`
  }`;
  // Named by its text: another copy of this module on the same connection means the same by the same name.
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return { name: `hw_${digest}`, text };
}
