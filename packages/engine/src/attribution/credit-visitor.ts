import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { getVisitor } from '../visitors/get-visitor.ts';
import { visitorNotFound } from '../visitors/identify-visitor.ts';
import type { VisitorNotFound } from '../visitors/identify-visitor.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { chooseRules } from './chosen-model.ts';
import type { ModelChoice } from './chosen-model.ts';
import type { Balance, StoredConversion } from './conversion.ts';
import { splitByWeights, weightsOf } from './credit-lines.ts';
import { goals } from './goal.ts';
import { findHistories } from './path-store.ts';
import { endOfTime } from '../reports/report-period.ts';
import { readQuestion } from './question.ts';
import type { QuestionInput } from './question.ts';
import { attribute } from './read-attributed.ts';
import { findTouchDetails } from './touch-detail-store.ts';
import type { TouchDetail } from './touch-detail.ts';

export interface CreditVisitorInput extends Pick<
  QuestionInput,
  'goals' | 'clickLookbackDays' | 'viewLookbackDays' | 'rules'
> {
  /** Rules about one path. @default ['last_non_direct'] */
  readonly models?: readonly ModelChoice[] | undefined;
}

/** A conversion of the person, with what each touch gets of it. */
export interface CreditedConversion {
  readonly conversion: StoredConversion;
  readonly balance: Balance;
  /** Oldest first. */
  readonly touches: ReadonlyArray<{
    readonly touch: TouchDetail;
    /** By model. */
    readonly credits: Readonly<
      Record<string, { readonly weight: number; readonly amountMinor: bigint }>
    >;
  }>;
}

export interface VisitorCredits {
  readonly personId: string;
  readonly models: readonly string[];
  /** The latest 100, oldest first. */
  readonly conversions: readonly CreditedConversion[];
}

const conversionsMax = 100;

/** The conversions of one person, each with its path and the credit of every touch. */
export async function creditVisitor(
  context: Context,
  workspace: Workspace,
  visitorId: string,
  input: CreditVisitorInput = {},
): Promise<Result<VisitorCredits, VisitorNotFound | ValidationRefusal>> {
  const { database, clock } = context;
  const chosen = chooseRules(input.models, ['last_non_direct']);
  if (!chosen.ok) return chosen;
  const asked = readQuestion(workspace, { goals, ...input }, clock.now());
  if (!asked.ok) return asked;
  const visitor = await getVisitor(context, workspace, visitorId);
  if (visitor === undefined) return visitorNotFound();
  const { scope } = asked.value;
  const history = await findHistories(database, scope, [visitor.id], endOfTime);
  const conversions = history
    .filter(({ goal }) => scope.goals.includes(goal))
    .slice(-conversionsMax);
  const attributed =
    conversions.length === 0
      ? []
      : await attribute(database, { ...asked.value, needsLeads: true }, conversions);
  const details = await findTouchDetails(
    database,
    workspace.id,
    attributed.flatMap(({ path }) => path.touches.map(({ id }) => id)),
  );
  return ok({
    personId: visitor.id,
    models: chosen.value.map(({ key }) => key),
    conversions: attributed.map(({ conversion, balance, path }) => {
      const byModel = chosen.value.map(({ key, model }) => {
        const weights = weightsOf(model, path);
        const amounts = splitByWeights(balance.netMinor, weights, model.additive);
        return { key, weights, amounts };
      });
      return {
        conversion,
        balance,
        touches: path.touches.flatMap(({ id }, index) => {
          const touch = details.get(id);
          if (touch === undefined) return [];
          const credits = byModel.map(({ key, weights, amounts }) => [
            key,
            { weight: weights[index] ?? 0, amountMinor: amounts[index] ?? 0n },
          ]);
          return [{ touch, credits: Object.fromEntries(credits) as Record<string, never> }];
        }),
      };
    }),
  });
}
