import { readdirSync, readFileSync } from 'node:fs';

import { query } from './storage.ts';

// Ticks of a hundredth of a second: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
const microsecondsPerTick = 10_000;

/** CPU time that a process has used, as Linux counts it. */
export function processorMicroseconds(pid: number): number {
  return (timesOf(pid)?.own ?? 0) * microsecondsPerTick;
}

/** CPU time of a PostgreSQL: of those processes that are, and of those that have ended. */
export async function databaseMicroseconds(url: string): Promise<number> {
  const [row] = await query<{ file: string }>(url, "select pg_read_file('postmaster.pid') as file");
  const postmaster = Number.parseInt(row?.file ?? '', 10);
  const first = timesOf(postmaster);
  let ticks = (first?.own ?? 0) + (first?.ended ?? 0);
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? timesOf(Number(name)) : undefined;
    if (times?.parent === postmaster) ticks += times.own;
  }
  return ticks * microsecondsPerTick;
}

export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

interface Times {
  readonly parent: number;
  /** In ticks. */
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/** Nothing of a process that is gone. */
function timesOf(pid: number): Times | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in parentheses may have blanks in it; the state, the third field, comes after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3]);
  return { parent: at(4), own: at(14) + at(15), ended: at(16) + at(17) };
}
