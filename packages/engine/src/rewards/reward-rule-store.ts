import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type {
  RewardCap,
  RewardCaps,
  RewardRule,
  RewardTerms,
  RewardTrigger,
} from './reward-rule.ts';

/** Terms as JSON has them: amounts are numbers, which are exact up to the largest that there may be. */
interface StoredCap {
  readonly rewards?: number;
  readonly amount_minor?: number;
}
interface StoredTerms {
  readonly amount_minor?: number;
  readonly unit?: string;
  readonly percent?: number;
  readonly amount_max_minor?: number;
  readonly caps?: Readonly<Partial<Record<keyof RewardCaps, StoredCap>>>;
}
interface StoredRule {
  readonly referrer: StoredTerms | null;
  readonly referee: StoredTerms | null;
  readonly hold_days: number;
  readonly times_max: number | null;
  readonly within_days: number | null;
  readonly activation: string;
  readonly code_ids: readonly string[] | null;
  readonly via: 'code' | 'invitation' | null;
}

/**
 * Adds a version, and has everything looked at again: whoever settles rewards right now with the versions before cannot
 * note that as done.
 */
export async function insertRuleVersion(
  tx: Tx,
  workspaceId: string,
  rule: RewardRule,
): Promise<void> {
  await tx
    .insertInto('reward_rule')
    .values({
      workspace_id: workspaceId,
      id: rule.id,
      version: rule.version,
      name: rule.name,
      active: rule.active,
      trigger: rule.trigger,
      terms: JSON.stringify(toStored(rule)),
      created_at: rule.createdAt,
      effective_from: rule.effectiveFrom,
      archived_at: rule.archivedAt,
    })
    .execute();
  await tx
    .insertInto('reward_progress')
    .values({ workspace_id: workspaceId, snapshot: null, revision: 1 })
    .onConflict((conflict) =>
      conflict.column('workspace_id').doUpdateSet({
        snapshot: null,
        revision: sql<number>`reward_progress.revision + 1`,
      }),
    )
    .execute();
}

/** Every version of a rule, in their order; until this transaction ends nobody else adds one. */
export async function lockRule(tx: Tx, workspaceId: string, id: string): Promise<RewardRule[]> {
  await tx
    .selectFrom('reward_rule')
    .select('version')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('version', '=', 1)
    .forUpdate()
    .execute();
  // Read after the lock: whoever had it before may have added one.
  return selectVersions(tx, workspaceId, id);
}

export async function selectVersions(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<RewardRule[]> {
  const rows = await db
    .selectFrom('reward_rule')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .orderBy('version')
    .execute();
  return rows.map(toRule);
}

/** Every version of every rule, each rule's in their order. */
export async function selectAllVersions(db: Db, workspaceId: string): Promise<RewardRule[]> {
  const rows = await db
    .selectFrom('reward_rule')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('id')
    .orderBy('version')
    .execute();
  return rows.map(toRule);
}

function toStored(rule: RewardRule): StoredRule {
  return {
    referrer: rule.referrer && termsToJson(rule.referrer),
    referee: rule.referee && termsToJson(rule.referee),
    hold_days: rule.holdDays,
    times_max: rule.timesMax,
    within_days: rule.withinDays,
    activation: rule.activation,
    code_ids: rule.codeIds,
    via: rule.via,
  };
}

function toRule(row: Selectable<Tables['reward_rule']>): RewardRule {
  const stored = row.terms as StoredRule;
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    active: row.active,
    trigger: row.trigger as RewardTrigger,
    referrer: stored.referrer && termsFromJson(stored.referrer),
    referee: stored.referee && termsFromJson(stored.referee),
    holdDays: stored.hold_days,
    timesMax: stored.times_max,
    withinDays: stored.within_days,
    activation: stored.activation,
    codeIds: stored.code_ids,
    via: stored.via,
    createdAt: row.created_at,
    effectiveFrom: row.effective_from,
    archivedAt: row.archived_at,
  };
}

function termsToJson(terms: RewardTerms): StoredTerms {
  const caps =
    terms.caps &&
    Object.fromEntries(
      Object.entries(terms.caps as Record<string, RewardCap | undefined>).flatMap(([scope, cap]) =>
        cap === undefined
          ? []
          : [
              [
                scope,
                {
                  ...(cap.rewards !== undefined && { rewards: cap.rewards }),
                  ...(cap.amountMinor !== undefined && { amount_minor: Number(cap.amountMinor) }),
                },
              ],
            ],
      ),
    );
  return {
    ...('unit' in terms
      ? { amount_minor: Number(terms.amountMinor), unit: terms.unit }
      : {
          percent: terms.percent,
          ...(terms.amountMaxMinor !== undefined && {
            amount_max_minor: Number(terms.amountMaxMinor),
          }),
        }),
    ...(caps !== undefined && { caps }),
  };
}

function termsFromJson(stored: StoredTerms): RewardTerms {
  const { caps } = stored;
  const read = (cap: StoredCap | undefined): RewardCap | undefined =>
    cap && {
      ...(cap.rewards !== undefined && { rewards: cap.rewards }),
      ...(cap.amount_minor !== undefined && { amountMinor: BigInt(cap.amount_minor) }),
    };
  const limits = caps && {
    caps: Object.fromEntries(
      Object.entries(caps).map(([scope, cap]) => [scope, read(cap)]),
    ) as RewardCaps,
  };
  return stored.unit === undefined
    ? {
        percent: stored.percent ?? 0,
        ...(stored.amount_max_minor !== undefined && {
          amountMaxMinor: BigInt(stored.amount_max_minor),
        }),
        ...limits,
      }
    : { amountMinor: BigInt(stored.amount_minor ?? 0), unit: stored.unit, ...limits };
}
