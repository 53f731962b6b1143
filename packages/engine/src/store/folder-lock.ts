import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { HeadwaterError } from '../kernel/errors.ts';

export interface FolderLock {
  /** Lets the next process have the folder. */
  release(): void;
}

/**
 * Another process works in the folder.
 * @public
 */
export class FolderLockedError extends HeadwaterError {
  override readonly name = 'FolderLockedError';
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, holder: Holder) {
    super(
      'folder_locked',
      `Process ${holder.pid}${holder.space === pidSpace() ? '' : ' of another machine or container'} is using the folder ` +
        `${folder}. Stop it first, or give this one a folder of its own; for several processes on one database use PostgreSQL.`,
    );
    this.folder = folder;
    this.pid = holder.pid;
  }
}

/** What a lock file says about the process that holds the folder. */
interface Holder {
  readonly id: string;
  readonly pid: number;
  /** Tells a process from a later one with the same pid. */
  readonly processStart?: string;
  /** The machine's boot and the name space in which the pid means something. */
  readonly space?: string;
}

const fileName = 'lock';
const heartbeatMilliseconds = 5_000;
/** A holder whose pid means nothing here counts as gone when its lock has not been touched for this long. */
const silentMilliseconds = 20_000;

/**
 * Claims a folder for this process. A lock that a killed process left behind is taken over.
 * @throws {FolderLockedError} a living process holds it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, fileName);
  const holder = describeThisProcess();
  const claim = `${path}.${holder.id}`;
  // Written aside and then linked, so that nobody ever reads half a lock.
  writeFileSync(claim, encode(holder), { flag: 'wx', mode: 0o600 });
  try {
    if (!tryLink(claim, path)) await takeOver(folder, path, claim, holder);
  } finally {
    rmSync(claim, { force: true });
  }

  const heartbeat = setInterval(() => touch(path, holder), heartbeatMilliseconds);
  heartbeat.unref();
  return {
    release() {
      clearInterval(heartbeat);
      if (readHolder(path)?.id === holder.id) unlinkSync(path);
    },
  };
}

async function takeOver(
  folder: string,
  path: string,
  claim: string,
  holder: Holder,
): Promise<void> {
  // Judging and replacing happen without a pause between them, so that two processes that find the same dead lock
  // can only be microseconds apart; the wait after it lets the later one win and the earlier one notice.
  const previous = readHolder(path);
  if (previous !== undefined && isAlive(previous, path, claim))
    throw new FolderLockedError(folder, previous);
  renameSync(claim, path);
  await sleep(100);
  const winner = readHolder(path);
  if (winner?.id !== holder.id) throw new FolderLockedError(folder, winner ?? holder);
}

function isAlive(holder: Holder, path: string, claim: string): boolean {
  if (holder.space !== pidSpace()) {
    // Both times come from the file system, which the holder may reach over a network.
    return statSync(claim).mtimeMs - statSync(path).mtimeMs < silentMilliseconds;
  }
  const start = processStart(holder.pid);
  if (start !== undefined && holder.processStart !== undefined)
    return start === holder.processStart;
  return processExists(holder.pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return processState(pid)?.state !== 'Z';
}

function describeThisProcess(): Holder {
  const start = processStart(process.pid);
  const space = pidSpace();
  return {
    id: randomBytes(9).toString('base64url'),
    pid: process.pid,
    ...(start === undefined ? {} : { processStart: start }),
    ...(space === undefined ? {} : { space }),
  };
}

/** When a process started, in clock ticks since the boot; `undefined` where the system does not tell, or it is gone. */
function processStart(pid: number): string | undefined {
  const found = processState(pid);
  // A zombie has ended; its parent has not looked yet.
  return found === undefined || found.state === 'Z' ? undefined : found.start;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and 22, counted after the name in brackets. */
function processState(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function pidSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
  }
  // A file system without hard links.
  try {
    writeFileSync(to, readFileSync(from), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    // A pid of 0 or below would ask about process groups.
    return typeof holder.id === 'string' && Number.isInteger(holder.pid) && holder.pid > 0
      ? holder
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the same bytes again: the time of the change is then the file system's own, wherever it is. */
function touch(path: string, holder: Holder): void {
  try {
    if (readHolder(path)?.id !== holder.id) return;
    const file = openSync(path, 'r+');
    try {
      writeSync(file, encode(holder), 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // A full or vanished disk shows itself in the database soon enough.
  }
}

function encode(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}
