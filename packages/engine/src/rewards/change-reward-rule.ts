import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkRewardRule } from './check-reward-rule.ts';
import type { RewardRule, RewardTerms, RewardTrigger } from './reward-rule.ts';
import {
  insertRuleVersion,
  lockRule,
  selectAllVersions,
  selectVersions,
} from './reward-rule-store.ts';

/** What may be changed of a rule; what happened before goes on by what it said then. */
export interface RewardRuleFields {
  readonly name?: string | undefined;
  /** @default true */
  readonly active?: boolean | undefined;
  /** What who referred gets; `null`: nothing. */
  readonly referrer?: RewardTerms | null | undefined;
  /** What who came gets; `null`: nothing. */
  readonly referee?: RewardTerms | null | undefined;
  /** 0 to 3,650. @default 0 */
  readonly holdDays?: number | undefined;
  /** How many of one referral are rewarded; `null`: every one. @default 1 */
  readonly timesMax?: number | null | undefined;
  /** Only what happens so soon after the referral; `null`: whenever. @default null */
  readonly withinDays?: number | null | undefined;
  /** The name of the event that is the activation. @default 'activated' */
  readonly activation?: string | undefined;
  /** Only referrals by these codes. @default null: by whichever */
  readonly codeIds?: readonly string[] | null | undefined;
  /** Only referrals by codes, or by invitations. @default null: by both */
  readonly via?: 'code' | 'invitation' | null | undefined;
}

export interface CreateRewardRuleInput extends RewardRuleFields {
  readonly name: string;
  readonly trigger: RewardTrigger;
}

export type RewardRuleNotFound = Refusal & { readonly code: 'reward_rule_not_found' };

const defaults = {
  active: true,
  referrer: null,
  referee: null,
  holdDays: 0,
  timesMax: 1,
  withinDays: null,
  activation: 'activated',
  codeIds: null,
  via: null,
} as const;

/** Makes a rule. It counts for what happens from now on. */
export async function createRewardRule(
  context: Context,
  workspace: Workspace,
  input: CreateRewardRuleInput,
  options?: WriteOptions,
): Promise<Result<RewardRule, ValidationRefusal>> {
  const now = context.clock.now();
  const rule: RewardRule = {
    ...defaults,
    ...pick(input),
    name: input.name,
    trigger: input.trigger,
    id: context.createId(now),
    version: 1,
    createdAt: new Date(now),
    effectiveFrom: new Date(now),
    archivedAt: null,
  };
  const invalid = check(rule);
  if (invalid !== undefined) return invalid;
  await inTransaction(context.database, options, async (tx) => {
    await insertRuleVersion(tx, workspace.id, rule);
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'reward_rule.created',
      subject: { type: 'reward_rule', id: rule.id },
    });
  });
  return ok(rule);
}

/** Makes the next version of a rule, with what is given changed. */
export function updateRewardRule(
  context: Context,
  workspace: Workspace,
  id: string,
  fields: RewardRuleFields,
  options?: WriteOptions,
): Promise<Result<RewardRule, ValidationRefusal | RewardRuleNotFound>> {
  return change(context, workspace, id, options, (latest) => ({ ...latest, ...pick(fields) }));
}

/** Ends a rule. What it gave stays, and is taken back as before; doing it again changes nothing. */
export async function archiveRewardRule(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<RewardRule, RewardRuleNotFound>> {
  const archived = await change(context, workspace, id, options, (latest, now) => ({
    ...latest,
    archivedAt: now,
  }));
  // Nothing is changed that could break a rule.
  return archived.ok ? archived : ruleNotFound();
}

/** The rules as they are now, newest first; with the archived ones where that is asked for. */
export async function listRewardRules(
  context: Context,
  workspace: Workspace,
  { archived = false }: { readonly archived?: boolean | undefined } = {},
): Promise<readonly RewardRule[]> {
  const versions = await selectAllVersions(context.database.db, workspace.id);
  const latest = [...Map.groupBy(versions, ({ id }) => id).values()].map((own) => own.at(-1)!);
  return latest.filter((rule) => archived || rule.archivedAt === null).toReversed();
}

/** Every version of a rule, oldest first; none where there is no such rule. */
export async function listRuleVersions(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<readonly RewardRule[]> {
  return isUuid(id) ? selectVersions(context.database.db, workspace.id, id) : [];
}

export async function getRewardRule(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<RewardRule | undefined> {
  return (await listRuleVersions(context, workspace, id)).at(-1);
}

async function change(
  context: Context,
  workspace: Workspace,
  id: string,
  options: WriteOptions | undefined,
  apply: (latest: RewardRule, now: Date) => RewardRule,
): Promise<Result<RewardRule, ValidationRefusal | RewardRuleNotFound>> {
  if (!isUuid(id)) return ruleNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<RewardRule, ValidationRefusal | RewardRuleNotFound>> => {
      const latest = (await lockRule(tx, workspace.id, id)).at(-1);
      if (latest === undefined) return ruleNotFound();
      const now = new Date(context.clock.now());
      const changed = apply(latest, now);
      if (latest.archivedAt !== null)
        return changed.archivedAt === now ? ok(latest) : ruleNotFound();
      const next = { ...changed, version: latest.version + 1, effectiveFrom: now };
      const invalid = check(next);
      if (invalid !== undefined) return invalid;
      await insertRuleVersion(tx, workspace.id, next);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'reward_rule.updated',
        subject: { type: 'reward_rule', id: id },
        changes: { version: { from: latest.version, to: next.version } },
      });
      return ok(next);
    },
  );
}

function check(rule: RewardRule): ValidationRefusal | undefined {
  const errors: Record<string, string[]> = {};
  checkRewardRule(rule, (field, problem) => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  });
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}

/** The fields that are given, and no others that a caller without types may have. */
function pick(fields: RewardRuleFields): Partial<Omit<RewardRule, 'id' | 'version'>> {
  const names = ['name', ...Object.keys(defaults)] as Array<keyof RewardRuleFields>;
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
}

export function ruleNotFound(): RewardRuleNotFound {
  return refuse('reward_rule_not_found', 'No reward rule has this id');
}
