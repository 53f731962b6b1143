import type { Identifier } from '../ingest/event.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';

/** Longer values are never identifiers (Adobe's guardrail, reference §1.1). */
const identifierLengthMax = 1_024;

/**
 * The form in which an identifier is compared: trimmed, NFKC; emails in lower case; phones as digits with a leading
 * plus; external ids keep their case. `undefined`: blocked, it must not identify anybody.
 */
export function normaliseIdentifier(
  identifier: Identifier,
  settings: WorkspaceSettings,
): string | undefined {
  const value = plain.test(identifier.value)
    ? identifier.value
    : identifier.value.trim().normalize('NFKC');
  if (value.length === 0 || value.length > identifierLengthMax) return undefined;
  // A visitor token is random by construction and was checked when it was read.
  if (identifier.kind === 'visitor') return value;
  if (isBlocked(value) || settings.blockedIdentifiers?.includes(value) === true) return undefined;
  if (identifier.kind === 'email') return normaliseEmail(value);
  if (identifier.kind === 'phone') return normalisePhone(value);
  return value;
}

/** ASCII without blanks: neither trimming nor NFKC would change it. */
const plain = /^[!-~]*$/;

function normaliseEmail(value: string): string | undefined {
  const email = value.toLowerCase();
  const at = email.lastIndexOf('@');
  if (at < 1 || at === email.length - 1 || blockedEmails.has(email) || email.startsWith('noreply@'))
    return undefined;
  return email;
}

function normalisePhone(value: string): string | undefined {
  const digits = value.replace(/\D/g, '');
  // E.164 has 15 digits at most; fewer than 5 is an extension or a placeholder.
  if (digits.length < 5 || digits.length > 15) return undefined;
  return value.startsWith('+') || value.startsWith('00') ? `+${digits.replace(/^00/, '')}` : digits;
}

/** Whether a value stands for "nobody" or for a mistake in somebody's template (reference §1.2). */
export function isBlocked(value: string): boolean {
  const bare = value
    .trim()
    .normalize('NFKC')
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
    .toLowerCase();
  return (
    bare.length === 0 ||
    blockedValues.has(bare) ||
    // Only zeroes and dashes (also the nil UUID and the IDFA of a refusal), or the UUID of all f.
    /^[0-]+$/.test(bare) ||
    /^[f]{8}-(?:[f]{4}-){3}[f]{12}$/.test(bare) ||
    // Templates that nobody rendered.
    /\{\{.*\}\}|\$\{.*\}|<%.*%>|^%[a-z]$/.test(bare)
  );
}

const blockedValues: ReadonlySet<string> = new Set([
  'anonymous',
  'guest',
  'distinctid',
  'distinct_id',
  'id',
  'not_authenticated',
  'email',
  'undefined',
  'true',
  'false',
  '[object object]',
  'nan',
  'none',
  'null',
  '(null)',
  'nil',
  '-1',
  'n/a',
  'na',
  'unknown',
  'user',
  'test',
  'default',
  '-',
  '--',
  '?',
  '.',
  '*',
  'user_id',
  'userid',
  'visitor',
  'device',
  'localhost',
  'invalid',
  'void',
]);

const blockedEmails: ReadonlySet<string> = new Set([
  'test@test.com',
  'test@example.com',
  'email@example.com',
]);
