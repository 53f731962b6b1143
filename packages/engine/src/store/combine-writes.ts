import { createHash } from 'node:crypto';

import type { Statement } from './connection.ts';

/** A statement whose answer nobody needs. */
export interface Write {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

const combinations = new Map<string, Statement>();

/** Several writes as the WITH list of one statement: one message, one plan, one answer. */
export function combineWrites(writes: readonly Write[]): Write {
  const [first] = writes;
  if (writes.length === 1 && first !== undefined) return first;
  const name = writes.map((write) => write.statement.name).join('+');
  let statement = combinations.get(name);
  if (statement === undefined) {
    let offset = 0;
    const parts = writes.map((write, index) => {
      const text = write.statement.text.replace(
        /\$(\d+)/g,
        (_, number: string) => `$${Number(number) + offset}`,
      );
      offset += write.values.length;
      return `w${index} as (\n${text}\n)`;
    });
    // PostgreSQL runs the last of them first (nodeModifyTable.c): listed backwards, rows are locked in the order given.
    const text = `with ${parts.reverse().join(',\n')}\nselect`;
    // Named by its text: another copy of this module on the same connection means the same by the same name.
    statement = {
      name: `hw_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`,
      text,
    };
    combinations.set(name, statement);
  }
  return { statement, values: writes.flatMap((write) => write.values) };
}
