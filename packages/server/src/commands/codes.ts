import type { ReferralCode } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export interface CreateCodeArguments {
  readonly code?: string;
  readonly description?: string;
  readonly uses?: number;
  readonly creator?: string;
  readonly beneficiary?: string;
}

export async function listCodes(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: { readonly limit: number },
): Promise<void> {
  const page = await withMigratedEngine(config, log, (hw) =>
    hw.referrals.listCodes({ limit: flags.limit }),
  );
  if (!page.ok) throw refused(page);
  const { codes } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(codes.map(toJson)));
  else if (codes.length === 0) terminal.print('There are no referral codes.');
  else
    terminal.print(
      formatTable(
        ['id', 'code', 'uses', 'beneficiary', 'expires', 'active'],
        codes.map((code) => [
          code.id,
          code.code,
          `${code.uses} of ${code.usesMax}`,
          code.beneficiaryId ?? '',
          code.expiresAt?.toISOString() ?? 'never',
          code.active ? 'yes' : 'no',
        ]),
      ),
    );
}

export async function createCode(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: CreateCodeArguments,
): Promise<void> {
  const created = await withMigratedEngine(config, log, (hw) =>
    hw.referrals.createCode({
      code: flags.code,
      description: flags.description,
      usesMax: flags.uses,
      creatorId: flags.creator,
      beneficiaryId: flags.beneficiary,
    }),
  );
  if (!created.ok) throw refused(created);
  terminal.print(
    terminal.json
      ? JSON.stringify(toJson(created.value))
      : `${created.value.code}\nid ${created.value.id}`,
  );
}

export async function showCodeStats(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const found = await withMigratedEngine(config, log, (hw) => hw.referrals.stats(id));
  if (!found.ok) throw refused(found);
  const { totalUses, uniqueUsers, lastUsed, recentUsers } = found.value;
  if (terminal.json) {
    const recent = { last_used: lastUsed, recent_users: recentUsers };
    terminal.print(JSON.stringify({ total_uses: totalUses, unique_users: uniqueUsers, ...recent }));
    return;
  }
  terminal.print(
    formatTable(
      ['uses', 'users', 'last', 'latest users'],
      [
        [
          String(totalUses),
          String(uniqueUsers),
          lastUsed?.toISOString() ?? 'never',
          recentUsers.join(' '),
        ],
      ],
    ),
  );
}

export async function archiveCode(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const archived = await withMigratedEngine(config, log, (hw) => hw.referrals.archiveCode(id));
  if (!archived.ok) throw refused(archived);
  terminal.print(terminal.json ? JSON.stringify(toJson(archived.value)) : `Done: ${id}.`);
}

function toJson(code: ReferralCode): Record<string, unknown> {
  return {
    id: code.id,
    code: code.code,
    description: code.description,
    active: code.active,
    uses: code.uses,
    uses_max: code.usesMax,
    expires_at: code.expiresAt,
    creator_id: code.creatorId ?? null,
    beneficiary_id: code.beneficiaryId ?? null,
    archived_at: code.archivedAt,
  };
}
