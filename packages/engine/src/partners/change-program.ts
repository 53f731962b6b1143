import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { reporter } from '../referrals/create-code.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkProgram } from './check-program.ts';
import { beginProgress } from './commission-progress-store.ts';
import type { CommissionRule, CommissionTerms, PartnerProgram } from './partner-program.ts';
import { insertProgramVersion, lockProgram, selectProgramVersions } from './program-store.ts';

/** A rule as it is given: what is left out is as the type says. */
export type CommissionRuleInput = Pick<CommissionRule, 'name' | 'trigger'> & {
  readonly terms: CommissionTerms;
  /** @default null: for everybody */
  readonly group?: string | null | undefined;
  /** @default null: for everybody */
  readonly partnerId?: string | null | undefined;
  /** How often one person earns by it; `null`: every time. @default 1 */
  readonly timesMax?: number | null | undefined;
  /** For how many months after the first time. @default null: for ever */
  readonly months?: number | null | undefined;
  /** @default null: of whatever amount */
  readonly saleMinMinor?: bigint | null | undefined;
  /** @default null: in every currency */
  readonly currencies?: readonly string[] | null | undefined;
  /** @default null: by whichever link, or a coupon */
  readonly linkIds?: readonly string[] | null | undefined;
  readonly caps?: CommissionRule['caps'] | undefined;
  /** 0 to 3,650. @default 0 */
  readonly holdDays?: number | undefined;
};

/** What may be changed of a programme; what happened before goes on by what it said then. */
export interface ProgramFields {
  readonly name?: string | undefined;
  /** How long before a conversion an arrival may lie, 1 to 3,650. @default 90 */
  readonly windowDays?: number | undefined;
  /** Whether partners may bring people by advertisements. @default false */
  readonly allowsPaidAds?: boolean | undefined;
  /** So many clicks of a partner from one network within an hour are a flood. @default 50 */
  readonly floodClicks?: number | undefined;
  /** So shortly before the sale a partner who comes in late is looked at. @default 30 */
  readonly hijackMinutes?: number | undefined;
  /** All of them: a rule that is left out ends. @default none */
  readonly rules?: readonly CommissionRuleInput[] | undefined;
}

export interface CreateProgramInput extends ProgramFields {
  readonly name: string;
}

export type ProgramNotFound = Refusal & { readonly code: 'program_not_found' };

const defaults = {
  windowDays: 90,
  allowsPaidAds: false,
  floodClicks: 50,
  hijackMinutes: 30,
  rules: [],
} as const;

/** Makes a programme. It counts for what happens from now on. */
export async function createProgram(
  context: Context,
  workspace: Workspace,
  input: CreateProgramInput,
  options?: WriteOptions,
): Promise<Result<PartnerProgram, ValidationRefusal>> {
  const now = context.clock.now();
  const program = applyFields(input, {
    ...defaults,
    name: input.name,
    id: context.createId(now),
    version: 1,
    createdAt: new Date(now),
    effectiveFrom: new Date(now),
    archivedAt: null,
  });
  const invalid = check(program);
  if (invalid !== undefined) return invalid;
  await inTransaction(context.database, options, async (tx) => {
    await insertProgramVersion(tx, workspace.id, program);
    await beginProgress(tx, workspace.id);
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'partner_program.created',
      subject: { type: 'partner_program', id: program.id },
    });
  });
  return ok(program);
}

/** Makes the next version of a programme, with what is given changed. */
export function updateProgram(
  context: Context,
  workspace: Workspace,
  id: string,
  fields: ProgramFields,
  options?: WriteOptions,
): Promise<Result<PartnerProgram, ValidationRefusal | ProgramNotFound>> {
  return change(context, workspace, id, options, (latest) => applyFields(fields, latest));
}

/** Ends a programme. What was earned stays, and is taken back as before; doing it again changes nothing. */
export async function archiveProgram(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<PartnerProgram, ProgramNotFound>> {
  const archived = await change(context, workspace, id, options, (latest, now) => ({
    ...latest,
    archivedAt: now,
  }));
  // Nothing is changed that could break a rule.
  return archived.ok ? archived : programNotFound();
}

/** The programmes as they are now, newest first; with the archived ones where that is asked for. */
export async function listPrograms(
  context: Context,
  workspace: Workspace,
  { archived = false }: { readonly archived?: boolean | undefined } = {},
): Promise<readonly PartnerProgram[]> {
  const versions = await selectProgramVersions(context.database.db, workspace.id);
  const latest = [...Map.groupBy(versions, ({ id }) => id).values()].map((own) => own.at(-1)!);
  return latest.filter((program) => archived || program.archivedAt === null).toReversed();
}

/** Every version of a programme, oldest first; none where there is no such programme. */
export async function listProgramVersions(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<readonly PartnerProgram[]> {
  return isUuid(id) ? selectProgramVersions(context.database.db, workspace.id, id) : [];
}

export function programNotFound(): ProgramNotFound {
  return refuse('program_not_found', 'No programme has this id.');
}

async function change(
  context: Context,
  workspace: Workspace,
  id: string,
  options: WriteOptions | undefined,
  apply: (latest: PartnerProgram, now: Date) => PartnerProgram,
): Promise<Result<PartnerProgram, ValidationRefusal | ProgramNotFound>> {
  if (!isUuid(id)) return programNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<PartnerProgram, ValidationRefusal | ProgramNotFound>> => {
      const latest = (await lockProgram(tx, workspace.id, id)).at(-1);
      if (latest === undefined) return programNotFound();
      const now = new Date(context.clock.now());
      const changed = apply(latest, now);
      if (latest.archivedAt !== null)
        return changed.archivedAt === now ? ok(latest) : programNotFound();
      const next = { ...changed, version: latest.version + 1, effectiveFrom: now };
      const invalid = check(next);
      if (invalid !== undefined) return invalid;
      await insertProgramVersion(tx, workspace.id, next);
      await beginProgress(tx, workspace.id);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: `partner_program.${next.archivedAt === null ? 'updated' : 'archived'}`,
        subject: { type: 'partner_program', id: next.id },
        // Every version is kept: it says what was changed.
        changes: { version: { from: latest.version, to: next.version } },
      });
      return ok(next);
    },
  );
}

/** A draft of a programme is checked as one that is made. */
export function check(program: PartnerProgram): ValidationRefusal | undefined {
  const errors: Record<string, string[]> = {};
  checkProgram(program, reporter(errors));
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}

/** The fields that are given, and no others that a caller without types may have. */
export function applyFields(fields: ProgramFields, program: PartnerProgram): PartnerProgram {
  const { name, windowDays, allowsPaidAds, floodClicks, hijackMinutes, rules } = fields;
  return {
    ...program,
    ...(name !== undefined && { name }),
    ...(windowDays !== undefined && { windowDays }),
    ...(allowsPaidAds !== undefined && { allowsPaidAds }),
    ...(floodClicks !== undefined && { floodClicks }),
    ...(hijackMinutes !== undefined && { hijackMinutes }),
    ...(rules !== undefined && { rules: Array.isArray(rules) ? rules.map(completeRule) : rules }),
  } as PartnerProgram;
}

function completeRule(rule: CommissionRuleInput): CommissionRule {
  return {
    name: rule.name,
    trigger: rule.trigger,
    terms: rule.terms ?? {},
    group: rule.group ?? null,
    partnerId: rule.partnerId?.toLowerCase() ?? null,
    timesMax: rule.timesMax === undefined ? 1 : rule.timesMax,
    months: rule.months ?? null,
    saleMinMinor: rule.saleMinMinor ?? null,
    currencies: rule.currencies ?? null,
    linkIds: rule.linkIds?.map((id) => id.toLowerCase()) ?? null,
    caps: rule.caps ?? {},
    holdDays: rule.holdDays ?? 0,
  };
}
