import { errorCode } from './connection.ts';

// Connection exceptions (08), shutdown (57P0x), a full disk, too many connections, a standby, serialization, deadlock, lock and statement
// timeouts: https://www.postgresql.org/docs/current/errcodes-appendix.html
const passing = /^(?:08...|57P0.|53100|53300|25006|40001|40P01|55P03|57014)$/;
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // A Unix socket that is not there.
  'ENOENT',
]);
// node-postgres has no codes for these.
const messages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/;

/** Whether the database is away or overloaded, so that the same may succeed later. */
export function isOutage(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== undefined && (passing.test(code) || network.has(code))) return true;
  return error instanceof Error && messages.test(error.message);
}

/** Whether a statement was given up because of its own time (57014), by the server or by who waited for it. */
export function isTooSlow(error: unknown): boolean {
  return (
    errorCode(error) === '57014' ||
    (error instanceof Error && error.message.startsWith('Query read timeout'))
  );
}
