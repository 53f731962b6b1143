import * as z from 'zod';

import { idOut, timestampOut } from '../http/fields-schema.ts';
import { evidenceResponse, toEvidenceResponse } from '../visitors/visitor-schema.ts';
import { optionalText, subjectFields, toSubject } from './attribution-schema.ts';
import type { Balance, StoredConversion } from './conversion.ts';
import type { VisitorCredits } from './credit-visitor.ts';
import type { ConversionExplanation } from './explain-conversion.ts';
import { goals } from './goal.ts';
import { verdictReasons } from './judge-touches.ts';
import type { TouchVerdict } from './judge-touches.ts';
import type { CreditRow } from './list-credits.ts';
import type { TouchDetail } from './touch-detail.ts';

const amount = z
  .number()
  .nullable()
  .meta({ type: ['integer', 'null'], description: 'Minor units of `currency`', example: 4900 });

const conversionResponse = z
  .object({
    id: idOut,
    goal: z.enum(goals),
    person_id: idOut,
    visitor_id: idOut.meta({ description: 'The visitor that it was stamped with' }),
    occurred_at: timestampOut,
    recorded_at: timestampOut,
    amount,
    net_amount: amount.meta({ description: 'Less what was taken back' }),
    currency: optionalText,
    removed: z.boolean(),
    reversals: z.array(
      z.object({
        id: idOut,
        kind: z.enum(['refund', 'removal']),
        occurred_at: timestampOut,
        amount: z.number().meta({ type: 'integer', description: 'Negative', example: -900 }),
      }),
    ),
  })
  .meta({ id: 'Conversion' });

const touchFields = {
  id: idOut,
  kind: z.string().meta({ example: 'click' }),
  occurred_at: timestampOut,
  visitor_id: idOut,
  session_id: idOut.nullable(),
  channel: optionalText.meta({ example: 'Organic Search' }),
  source: optionalText.meta({ example: 'google' }),
  medium: optionalText,
  campaign: optionalText,
  content: optionalText,
  term: optionalText,
  link_id: idOut.nullable(),
  url: optionalText,
  referrer: optionalText,
  rule: optionalText.meta({ description: 'The rule that decided where it came from' }),
  rules_version: optionalText,
};

const weight = z
  .number()
  .meta({ description: 'The part of the conversion', minimum: 0, maximum: 1, example: 0.4 });
const earned = z.number().meta({ type: 'integer', description: 'Minor units', example: 1960 });

export const visitorCreditsResponse = z
  .object({
    person_id: idOut,
    models: z.array(z.string()),
    conversions: z.array(
      z.object({
        conversion: conversionResponse,
        touches: z.array(
          z.object({
            touch: z.object(touchFields).meta({ id: 'CreditedTouch' }),
            credits: z.record(z.string(), z.object({ weight, amount: earned })),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'VisitorCredits' });

export const conversionExplanationResponse = z
  .object({
    conversion: conversionResponse,
    counts: z.boolean(),
    reason: z.string(),
    candidates: z
      .array(
        z.object({
          ...touchFields,
          paid: z.boolean(),
          verdict: z.enum(Object.keys(verdictReasons) as [TouchVerdict, ...TouchVerdict[]]),
          reason: z.string(),
        }),
      )
      .meta({ description: 'Every touch of the person, oldest first' }),
    models: z.array(
      z.object({
        model: z.string().meta({ example: 'last_non_direct' }),
        winner_id: idOut.nullable(),
        credits: z.array(z.object({ touch_id: idOut, weight, amount: earned, reason: z.string() })),
      }),
    ),
    evidence: evidenceResponse.nullable().meta({ description: 'Why the visitors are one person' }),
  })
  .meta({ id: 'ConversionExplanation' });

export const creditRowResponse = z
  .object({
    model: z.string(),
    conversion_id: idOut,
    goal: z.enum(goals),
    entry: z.enum(['conversion', 'refund', 'removal']),
    entry_id: idOut,
    occurred_at: timestampOut.meta({ description: 'Of the entry: a refund has a time of its own' }),
    person_id: idOut,
    touch_id: idOut.nullable(),
    touched_at: timestampOut.nullable(),
    ...subjectFields,
    conversions: z.number(),
    amount: z.number().meta({ type: 'integer', description: 'Minor units' }),
    currency: optionalText,
  })
  .meta({ id: 'CreditRow' });

export function toCreditRowResponse(row: CreditRow): z.input<typeof creditRowResponse> {
  return {
    model: row.model,
    conversion_id: row.conversionId,
    goal: row.goal,
    entry: row.entry,
    entry_id: row.entryId,
    occurred_at: row.occurredAt.toISOString(),
    person_id: row.personId,
    touch_id: row.touchId ?? null,
    touched_at: row.touchedAt?.toISOString() ?? null,
    ...toSubject(row),
    conversions: row.conversions,
    amount: Number(row.amountMinor),
    currency: row.currency ?? null,
  };
}

export function toVisitorCreditsResponse(
  found: VisitorCredits,
): z.input<typeof visitorCreditsResponse> {
  return {
    person_id: found.personId,
    models: [...found.models],
    conversions: found.conversions.map(({ conversion, balance, touches }) => ({
      conversion: toConversion(conversion, balance),
      touches: touches.map(({ touch, credits }) => ({
        touch: toTouch(touch),
        credits: Object.fromEntries(
          Object.entries(credits).map(([key, credit]) => [
            key,
            { weight: credit.weight, amount: Number(credit.amountMinor) },
          ]),
        ),
      })),
    })),
  };
}

export function toConversionExplanationResponse(
  explanation: ConversionExplanation,
): z.input<typeof conversionExplanationResponse> {
  const { conversion, balance, counts, reason, candidates, models, evidence } = explanation;
  return {
    conversion: toConversion(conversion, balance),
    counts,
    reason,
    candidates: candidates.map((candidate) => ({
      ...toTouch(candidate),
      paid: candidate.paid,
      verdict: candidate.verdict,
      reason: candidate.reason,
    })),
    models: models.map(({ key, winnerId, credits }) => ({
      model: key,
      winner_id: winnerId ?? null,
      credits: credits.map((credit) => ({
        touch_id: credit.touchId,
        weight: credit.weight,
        amount: Number(credit.amountMinor),
        reason: credit.reason,
      })),
    })),
    evidence: evidence === undefined ? null : toEvidenceResponse(evidence),
  };
}

function toConversion(
  conversion: StoredConversion,
  balance: Balance,
): z.input<typeof conversionResponse> {
  const paid = conversion.amountMinor !== undefined;
  return {
    id: conversion.id,
    goal: conversion.goal,
    person_id: conversion.personId,
    visitor_id: conversion.visitorId,
    occurred_at: new Date(conversion.occurredAt).toISOString(),
    recorded_at: new Date(conversion.recordedAt).toISOString(),
    amount: paid ? Number(conversion.amountMinor) : null,
    net_amount: paid ? Number(balance.netMinor) : null,
    currency: conversion.currency ?? null,
    removed: balance.removed,
    reversals: balance.reversals.map((reversal) => ({
      id: reversal.id,
      kind: reversal.kind,
      occurred_at: new Date(reversal.occurredAt).toISOString(),
      amount: Number(reversal.amountMinor),
    })),
  };
}

function toTouch(touch: TouchDetail) {
  return {
    id: touch.id,
    kind: touch.kind,
    occurred_at: touch.occurredAt.toISOString(),
    visitor_id: touch.visitorId,
    session_id: touch.sessionId ?? null,
    channel: touch.channel ?? null,
    source: touch.source ?? null,
    medium: touch.medium ?? null,
    campaign: touch.campaign ?? null,
    content: touch.content ?? null,
    term: touch.term ?? null,
    link_id: touch.linkId ?? null,
    url: touch.url ?? null,
    referrer: touch.referrer ?? null,
    rule: touch.rule ?? null,
    rules_version: touch.rulesVersion ?? null,
  };
}
