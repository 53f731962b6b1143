import type { CreatedInvitation, Headwater, Invitation } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface CreateInvitationArguments {
  readonly name?: string;
  readonly token?: string;
  readonly sign?: boolean;
  readonly uses?: number;
  readonly expires?: string;
  readonly email: readonly string[];
  readonly url?: string;
}

export async function listInvitations(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: { readonly limit: number; readonly archived?: boolean },
): Promise<void> {
  const page = await withMigratedEngine(config, log, (hw) =>
    hw.invitations.list({
      limit: flags.limit,
      archived: flags.archived === true ? 'with' : 'without',
    }),
  );
  if (!page.ok) throw refused(page);
  const { invitations } = page.value;
  if (terminal.json) {
    terminal.print(JSON.stringify(invitations.map(toJson)));
    return;
  }
  if (invitations.length === 0) {
    terminal.print('There are no invitations.');
    return;
  }
  const now = Date.now();
  terminal.print(
    formatTable(
      ['id', 'begins with', 'name', 'uses', 'expires', 'state'],
      invitations.map((invitation) => [
        invitation.id,
        `${invitation.tokenPrefix}…`,
        invitation.name ?? '',
        `${invitation.uses}${invitation.usesMax === null ? '' : ` of ${invitation.usesMax}`}`,
        invitation.expiresAt?.toISOString() ?? 'never',
        stateOf(invitation, now),
      ]),
    ),
  );
}

export async function createInvitation(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: CreateInvitationArguments,
): Promise<void> {
  const expiry = flags.expires === undefined ? {} : readExpiry(flags.expires);
  const { created, url } = await withMigratedEngine(config, log, async (hw) => {
    const made = await hw.invitations.create({
      name: flags.name,
      token: flags.token,
      sign: flags.sign,
      usesMax: flags.uses,
      emails: flags.email,
      ...expiry,
    });
    const address =
      made.ok && flags.url !== undefined ? hw.invitations.url(made.value, flags.url) : undefined;
    return { created: made, url: address };
  });
  if (!created.ok) throw refused(created);
  printCreated(terminal, created.value, url);
}

export async function renewInvitation(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const renewed = await withMigratedEngine(config, log, (hw) => hw.invitations.renew(id));
  if (!renewed.ok) throw refused(renewed);
  printCreated(terminal, renewed.value, undefined);
}

/** `revoke` and `archive`. */
export async function endInvitation(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, verb }: { readonly id: string; readonly verb: 'revoke' | 'archive' },
): Promise<void> {
  const ended = await withMigratedEngine(config, log, (hw) =>
    verb === 'revoke' ? hw.invitations.revoke(id) : hw.invitations.archive(id),
  );
  if (!ended.ok) throw refused(ended);
  terminal.print(terminal.json ? JSON.stringify(toJson(ended.value)) : `Done: ${id}.`);
}

export async function cleanUpInvitations(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  days: number,
): Promise<void> {
  const cleaned = await withMigratedEngine(config, log, (hw) =>
    hw.invitations.cleanUp({ expiredFor: { days } }),
  );
  if (!cleaned.ok) throw refused(cleaned);
  const { archived } = cleaned.value;
  terminal.print(
    terminal.json ? JSON.stringify({ archived }) : `Archived ${archived} expired invitations.`,
  );
}

function printCreated(
  terminal: Terminal,
  invitation: CreatedInvitation,
  url: string | undefined,
): void {
  const { token, signature } = invitation;
  if (terminal.json) {
    const secrets = { token, signature: signature ?? null, url: url ?? null };
    terminal.print(JSON.stringify({ ...toJson(invitation), ...secrets }));
    return;
  }
  terminal.print(url ?? (signature === undefined ? token : `${token} (s=${signature})`));
  terminal.print(`id ${invitation.id}. The token is shown this once.`);
}

/** A span (`12h`, `30d`), a day, or `never`. */
function readExpiry(text: string) {
  if (text === 'never') return { expiresAt: null };
  const [, amount, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  if (amount !== undefined)
    return { expiresIn: unit === 'h' ? { hours: Number(amount) } : { days: Number(amount) } };
  const expiresAt = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(expiresAt.getTime()))
    throw new CommandFailure(
      '--expires: a date like 2027-01-31, a span like 30d or 12h, or never',
      exitCodes.misused,
    );
  return { expiresAt };
}

function stateOf(invitation: Invitation, now: number): string {
  if (invitation.archivedAt !== null) return 'archived';
  if (invitation.status !== 'active') return invitation.status;
  if (invitation.expiresAt !== null && invitation.expiresAt.getTime() <= now) return 'expired';
  return invitation.usesMax !== null && invitation.uses >= invitation.usesMax ? 'full' : 'valid';
}

function toJson(invitation: Invitation): Record<string, unknown> {
  return {
    id: invitation.id,
    token_prefix: invitation.tokenPrefix,
    name: invitation.name,
    status: invitation.status,
    uses: invitation.uses,
    uses_max: invitation.usesMax,
    expires_at: invitation.expiresAt,
    archived_at: invitation.archivedAt,
    inserted_at: invitation.createdAt,
  };
}

export function withMigratedEngine<T>(
  config: ServerConfig,
  log: Log,
  work: (hw: Headwater) => Promise<T>,
): Promise<T> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    return work(hw);
  });
}

export function refused(refusal: {
  readonly message: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}): CommandFailure {
  const details = Object.entries(refusal.errors ?? {}).map(
    ([field, messages]) => `${field} ${messages.join(', ')}`,
  );
  return new CommandFailure(details.length > 0 ? details.join('\n') : refusal.message);
}
