import { orThrow } from 'headwater';
import type { ApiKey, CreatedApiKey, Headwater } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface CreateKeyArguments {
  readonly kind: 'secret' | 'publishable';
  readonly name: string;
  readonly scope: readonly string[];
  readonly host: readonly string[];
  readonly expires?: string;
}

export async function listKeys(config: ServerConfig, log: Log, terminal: Terminal): Promise<void> {
  const keys = await withMigratedEngine(config, log, readKeys);
  if (terminal.json) {
    terminal.print(JSON.stringify(keys.map(toJson)));
    return;
  }
  if (keys.length === 0) {
    terminal.print('There are no API keys.');
    return;
  }
  const now = Date.now();
  terminal.print(
    formatTable(
      ['id', 'kind', 'name', 'begins with', 'scopes', 'hosts', 'last used', 'state'],
      keys.map((key) => [
        key.id,
        key.kind,
        key.name,
        `${key.displayPrefix}…`,
        key.scopes.join(' '),
        key.allowedHosts.join(' ') || 'any',
        key.lastUsedAt?.toISOString() ?? 'never',
        stateOf(key, now),
      ]),
    ),
  );
}

async function readKeys(hw: Headwater): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const page = orThrow(await hw.apiKeys.list({ limit: 200, cursor }));
    keys.push(...page.apiKeys);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return keys;
}

export async function createKey(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: CreateKeyArguments,
): Promise<void> {
  const expiresAt =
    input.expires === undefined ? undefined : parseExpiry(input.expires, Date.now());
  const result = await withMigratedEngine(config, log, (hw) =>
    hw.apiKeys.create({
      kind: input.kind,
      name: input.name,
      ...(input.scope.length === 0 ? {} : { scopes: input.scope as ApiKey['scopes'] }),
      ...(input.host.length === 0 ? {} : { allowedHosts: input.host }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }),
  );
  if (!result.ok) throw refused(result);
  printCreated(terminal, result.value);
}

export async function rotateKey(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: { readonly id: string; readonly graceHours: number },
): Promise<void> {
  const result = await withMigratedEngine(config, log, (hw) =>
    hw.apiKeys.rotate({ id: input.id, grace: { hours: input.graceHours } }),
  );
  if (!result.ok) throw refused(result);
  printCreated(terminal, result.value);
  if (!terminal.json) terminal.print(`The old key works for another ${input.graceHours} h.`);
}

export async function revokeKey(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const result = await withMigratedEngine(config, log, (hw) => hw.apiKeys.revoke({ id }));
  if (!result.ok) throw refused(result);
  terminal.print(terminal.json ? JSON.stringify(toJson(result.value)) : `Revoked ${id}.`);
}

/**
 * A date, or a span from now: `90d`, `12h`.
 * @public
 */
export function parseExpiry(text: string, now: number): Date {
  const span = /^(\d{1,5})([hd])$/.exec(text);
  if (span !== null)
    return new Date(now + Number(span[1]) * (span[2] === 'h' ? 3_600_000 : 86_400_000));
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new CommandFailure(
      '--expires: a date like 2027-01-31, or a span like 90d or 12h',
      exitCodes.misused,
    );
  }
  return date;
}

function withMigratedEngine<T>(
  config: ServerConfig,
  log: Log,
  work: (hw: Headwater) => Promise<T>,
): Promise<T> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    return work(hw);
  });
}

function printCreated(terminal: Terminal, created: CreatedApiKey): void {
  if (terminal.json) {
    terminal.print(JSON.stringify({ ...toJson(created), key: created.key }));
    return;
  }
  terminal.print(created.key);
  terminal.print(`id ${created.id}. The key is shown this once.`);
}

function toJson(key: ApiKey): Record<string, unknown> {
  return {
    id: key.id,
    kind: key.kind,
    name: key.name,
    display_prefix: key.displayPrefix,
    scopes: key.scopes,
    allowed_hosts: key.allowedHosts,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    revoked_at: key.revokedAt ?? null,
    last_used_at: key.lastUsedAt ?? null,
    replaces_id: key.replacesId ?? null,
  };
}

function stateOf(key: ApiKey, now: number): string {
  if (key.revokedAt !== undefined) return 'revoked';
  if (key.expiresAt === undefined) return 'valid';
  return key.expiresAt.getTime() <= now ? 'expired' : `valid until ${key.expiresAt.toISOString()}`;
}

function refused(refusal: {
  readonly message: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}): CommandFailure {
  const details = Object.entries(refusal.errors ?? {}).map(
    ([field, messages]) => `${field} ${messages.join(', ')}`,
  );
  return new CommandFailure(details.length > 0 ? details.join('\n') : refusal.message);
}
