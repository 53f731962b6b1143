import { messageOf } from './tracking-error.ts';

const knownCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ConnectionRefused: 'connection refused',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection reset',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
};

/** Why a request had no answer, without the secret. Node says "fetch failed", and what it was stands in the cause. */
export function describeFault(fault: unknown, secret: string): string {
  return redact(reasonOf(fault), secret);
}

/** Servers quote what they refuse, and runtimes the header that they could not send. */
function redact(words: string, secret: string): string {
  return words.replaceAll(secret, '[redacted]');
}

/** JSON without the secret in any of its texts; `undefined` where it is none. */
export function parseRedacted(words: string, secret: string): unknown {
  try {
    return JSON.parse(words, (_, value: unknown) =>
      typeof value === 'string' ? redact(value, secret) : value,
    ) as unknown;
  } catch {
    return undefined;
  }
}

function reasonOf(fault: unknown): string {
  for (let reason = fault, depth = 0; reason instanceof Error && depth < 5; depth++) {
    const { code } = reason as { code?: unknown };
    if (typeof code === 'string') return knownCodes[code] ?? `${code}: ${reason.message}`;
    if (reason.cause === undefined) return reason.message;
    reason = reason.cause;
  }
  return messageOf(fault);
}
