import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { visitorEvidence } from '../visitors/visitor-evidence.ts';
import type { VisitorEvidence } from '../visitors/visitor-evidence.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { chooseRules } from './chosen-model.ts';
import type { ChosenRule, ModelChoice } from './chosen-model.ts';
import type { Balance, StoredConversion } from './conversion.ts';
import { creditLines, weightsOf } from './credit-lines.ts';
import { explainWeight } from './explain-weight.ts';
import { countConversions } from './goal.ts';
import { judgeTouches, verdictReasons } from './judge-touches.ts';
import type { TouchVerdict } from './judge-touches.ts';
import type { Path } from './models/path.ts';
import { findConversion, findHistories, findTouches } from './path-store.ts';
import { readQuestion } from './question.ts';
import type { QuestionInput } from './question.ts';
import { endOfTime } from '../reports/report-period.ts';
import { attribute } from './read-attributed.ts';
import { findTouchDetails } from './touch-detail-store.ts';
import type { TouchDetail } from './touch-detail.ts';

export interface ExplainConversionInput extends Pick<
  QuestionInput,
  'clickLookbackDays' | 'viewLookbackDays' | 'rules' | 'asOf' | 'dimension'
> {
  /** Rules about one path. @default last non-direct, first, last, last paid, linear, time decay, position based */
  readonly models?: readonly ModelChoice[] | undefined;
}

/** What a touch may earn, and why. */
export interface CandidateTouch extends TouchDetail {
  readonly paid: boolean;
  readonly verdict: TouchVerdict;
  readonly reason: string;
}

/** Who wins under one model, and why the others do not. */
export interface ModelVerdict {
  readonly key: string;
  /** The touch that gets most, the earlier among equals; `undefined` where no touch is eligible. */
  readonly winnerId: string | undefined;
  /** The eligible touches, oldest first. */
  readonly credits: ReadonlyArray<{
    readonly touchId: string;
    /** The part of the conversion. */
    readonly weight: number;
    /** Minor units, of what is left after refunds. */
    readonly amountMinor: bigint;
    readonly reason: string;
  }>;
}

export interface ConversionExplanation {
  readonly conversion: StoredConversion;
  readonly balance: Balance;
  /** Whether it counts under the rule of its goal. */
  readonly counts: boolean;
  readonly reason: string;
  /** Every touch of the person up to 200, oldest first. */
  readonly candidates: readonly CandidateTouch[];
  readonly models: readonly ModelVerdict[];
  /** Why the visitors are one person: what each is known by, and the event behind every merge. */
  readonly evidence: VisitorEvidence | undefined;
}

export type ConversionNotFound = Refusal & { readonly code: 'conversion_not_found' };

const modelsDefault = [
  'last_non_direct',
  'first_touch',
  'last_touch',
  'last_paid',
  'linear',
  'time_decay',
  'position_based',
] as const;
const candidatesMax = 200;

/**
 * Says of one conversion which touches could have earned it, who that person is and how we know, which touch wins under
 * each model, and why each of the others does not.
 */
export async function explainConversion(
  context: Context,
  workspace: Workspace,
  id: string,
  input: ExplainConversionInput = {},
): Promise<Result<ConversionExplanation, ConversionNotFound | ValidationRefusal>> {
  const { database } = context;
  const chosen = chooseRules(input.models, modelsDefault);
  if (!chosen.ok) return chosen;
  const asked = readQuestion(workspace, { ...input, from: undefined }, context.clock.now());
  if (!asked.ok) return asked;
  const question = asked.value;
  const conversion = isUuid(id) ? await findConversion(database, question.scope, id) : undefined;
  if (conversion === undefined)
    return refuse('conversion_not_found', 'There is no such conversion.');

  const scope = { ...question.scope, goals: [conversion.goal] };
  const { personId, occurredAt } = conversion;
  const [[attributed], history, touches, evidence] = await Promise.all([
    attribute(database, { ...question, scope, needsLeads: true }, [conversion]),
    findHistories(database, scope, [personId], occurredAt + 1),
    findTouches(database, scope, [personId], { from: 0, to: endOfTime }),
    visitorEvidence(context, workspace, conversion.visitorId),
  ]);
  const rule = question.rules[conversion.goal];
  const counted = countConversions(history, question.rules).get(id);
  // What a rule leaves out is explained as if it counted.
  const [explained] =
    attributed === undefined
      ? await attribute(database, { ...question, scope, rules: {}, needsLeads: true }, [conversion])
      : [attributed];
  if (explained === undefined)
    return refuse('conversion_not_found', 'There is no such conversion.');
  const judged = judgeTouches(touches, conversion, {
    clickLookback: { milliseconds: question.clickLookbackMilliseconds },
    viewLookback: { milliseconds: question.viewLookbackMilliseconds },
    since: counted?.since,
  }).slice(-candidatesMax);
  const details = await findTouchDetails(
    database,
    workspace.id,
    judged.map(({ touch }) => touch.id),
  );
  const { balance, path } = explained;
  return ok({
    conversion,
    balance,
    counts: counted !== undefined && !balance.removed,
    reason: balance.removed
      ? 'it was taken back as a whole'
      : counted === undefined
        ? `the goal counts ${rule?.count === 'first' ? 'only the first conversion of a person' : `one conversion in ${rule?.windowDays ?? 30} days`}`
        : 'it counts',
    candidates: judged.flatMap(({ touch, verdict }): CandidateTouch[] => {
      const detail = details.get(touch.id);
      if (detail === undefined) return [];
      return [{ ...detail, paid: touch.paid, verdict, reason: verdictReasons[verdict] }];
    }),
    models: chosen.value.map((model) => decide(model, path, balance)),
    evidence: evidence.ok ? evidence.value : undefined,
  });
}

function decide({ key, model }: ChosenRule, path: Path, balance: Balance): ModelVerdict {
  const weights = weightsOf(model, path);
  const net = { id: '', occurredAt: 0, amountMinor: balance.netMinor };
  const [line] = creditLines(weights, model.additive, net, []);
  const most = weights.reduce((top, weight) => Math.max(top, weight), 0);
  return {
    key,
    winnerId: path.touches[weights.indexOf(most)]?.id,
    credits: path.touches.map((touch, index) => ({
      touchId: touch.id,
      weight: weights[index] ?? 0,
      amountMinor: line?.amountsMinor[index] ?? 0n,
      reason: explainWeight(model, path, index, weights[index] ?? 0),
    })),
  };
}
