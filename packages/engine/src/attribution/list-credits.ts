import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { chooseRules } from './chosen-model.ts';
import type { ChosenRule, ModelChoice } from './chosen-model.ts';
import { creditLines, weightsOf } from './credit-lines.ts';
import { subjectOf, unattributedKey } from './dimension.ts';
import type { RowSubject } from './dimension.ts';
import type { Goal } from './goal.ts';
import { readQuestion } from './question.ts';
import type { QuestionInput } from './question.ts';
import { readAttributed } from './read-attributed.ts';
import type { AttributedConversion } from './read-attributed.ts';
import { asksForLead } from './report-attribution.ts';

export interface ListCreditsInput extends QuestionInput {
  /** Rules about one path. @default ['last_non_direct'] */
  readonly models?: readonly ModelChoice[] | undefined;
}

/** What one touch gets of one conversion, or gives back with a refund of it: a row of the ledger. */
export interface CreditRow extends RowSubject {
  readonly model: string;
  readonly conversionId: string;
  readonly goal: Goal;
  /** The conversion, or what took from it. */
  readonly entry: 'conversion' | 'refund' | 'removal';
  readonly entryId: string;
  /** When the entry happened: a refund has a time of its own. */
  readonly occurredAt: Date;
  readonly personId: string;
  /** Absent where no touch could earn it. */
  readonly touchId: string | undefined;
  readonly touchedAt: Date | undefined;
  /** Part of a conversion; negative where it is removed, 0 with a refund. */
  readonly conversions: number;
  /** Minor units, negative where they went back. Those of a conversion add up to what is left of it. */
  readonly amountMinor: bigint;
  readonly currency: string | undefined;
}

/**
 * Every row of credit for the conversions of a period, page by page, for exports and for books of one's own: the rows of
 * a conversion add up to its value less refunds, for each touch.
 */
export function listCredits(
  context: Context,
  workspace: Workspace,
  input: ListCreditsInput = {},
): Result<AsyncGenerator<readonly CreditRow[]>, ValidationRefusal> {
  const question = readQuestion(workspace, input, context.clock.now());
  if (!question.ok) return question;
  const chosen = chooseRules(input.models, ['last_non_direct']);
  if (!chosen.ok) return chosen;
  const models = chosen.value;
  const needsLeads = models.some(({ model }) => asksForLead(model.name, model.parameters));
  async function* read(): AsyncGenerator<readonly CreditRow[]> {
    if (!question.ok) return;
    for await (const page of readAttributed(context, { ...question.value, needsLeads }))
      yield page.flatMap((attributed) => models.flatMap((model) => rowsOf(attributed, model)));
  }
  return ok(read());
}

function rowsOf(
  { conversion, balance, path }: AttributedConversion,
  chosen: ChosenRule,
): CreditRow[] {
  const { key, model } = chosen;
  const { id, occurredAt, amountMinor = 0n } = conversion;
  // Where nobody could earn it, nobody has all of it.
  const touches = path.touches.length === 0 ? [undefined] : path.touches;
  const weights = path.touches.length === 0 ? [1] : weightsOf(model, path);
  const lines = creditLines(
    weights,
    model.additive,
    { id, occurredAt, amountMinor },
    balance.reversals,
  );
  return lines.flatMap((line, place) => {
    const reversal = balance.reversals.find((each) => each.id === line.id);
    const entry = place === 0 ? 'conversion' : (reversal?.kind ?? 'refund');
    const sign = entry === 'conversion' ? 1 : entry === 'removal' ? -1 : 0;
    return touches.flatMap((touch, index): CreditRow[] => {
      const weight = weights[index] ?? 0;
      const amount = line.amountsMinor[index] ?? 0n;
      if (weight === 0 && amount === 0n) return [];
      return [
        {
          ...subjectOf(touch?.channel ?? unattributedKey),
          model: key,
          conversionId: id,
          goal: conversion.goal,
          entry,
          entryId: line.id,
          occurredAt: new Date(line.occurredAt),
          personId: conversion.personId,
          touchId: touch?.id,
          touchedAt: touch && new Date(touch.occurredAt),
          conversions: sign === 0 ? 0 : sign * weight,
          amountMinor: amount,
          currency: conversion.currency,
        },
      ];
    });
  });
}
