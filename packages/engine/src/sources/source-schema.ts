import * as z from 'zod';

import { text, uuid } from '../http/fields-schema.ts';
import type { SourceExplanation } from './explain-source.ts';
import type { ClassifiedSource } from './source.ts';

const addressCharactersMax = 8_192;

export const explainQuery = z.strictObject({
  url: text(addressCharactersMax).meta({
    description: 'The address of the landing, or of the short link that was clicked',
    example: 'https://example.com/pricing?utm_source=newsletter',
  }),
  referrer: z.string().max(addressCharactersMax).optional(),
  user_agent: z.string().max(2_048).optional(),
  link_id: uuid.optional().meta({ description: 'The link of ours that was clicked' }),
});

const optionalText = z.string().nullable();

export const classifiedSourceResponse = z
  .object({
    source: optionalText.meta({ example: 'google' }),
    medium: optionalText.meta({ example: 'organic' }),
    campaign: optionalText,
    content: optionalText,
    term: optionalText,
    channel: z.string().meta({ example: 'Organic Search' }),
    platform: optionalText.meta({ example: 'google_ads' }),
    click_id_type: optionalText.meta({ example: 'gclid' }),
    referrer_host: optionalText,
    partner_key: optionalText.meta({ description: 'The value of `via` or `ref`' }),
    confidence: z.enum(['certain', 'high', 'medium', 'low']),
    kind: z.enum(['campaign', 'referrer', 'direct', 'internal']).meta({
      description: '`internal` (own site, payment and sign-in providers) is no arrival',
    }),
    rule: z.string().meta({ description: 'The rule that decided' }),
    rules_version: z
      .string()
      .meta({ description: 'The rules by which it was decided', example: '2026-11-21' }),
  })
  .meta({ id: 'ClassifiedSource' });

export const explanationResponse = z
  .object({
    source: classifiedSourceResponse,
    rules: z
      .array(
        z.object({
          rule: z.string().meta({ example: 'listed_host' }),
          outcome: z.enum(['decided', 'added', 'overruled', 'not_matched']),
          reason: z.string(),
          gave: z
            .array(z.string())
            .meta({ description: 'The fields of the source that come from it' }),
        }),
      )
      .meta({ description: 'Every rule that was asked, the strongest first' }),
    channels: z
      .array(z.object({ channel: z.string(), matched: z.boolean(), reason: z.string() }))
      .meta({ description: 'The rules of the channel in their order, up to the one that matched' }),
  })
  .meta({ id: 'SourceExplanation' });

export function toExplanationResponse({
  source,
  rules,
  channels,
}: SourceExplanation): z.input<typeof explanationResponse> {
  const named = rules.map((rule) => ({ ...rule, gave: rule.gave.map(toWireName) }));
  return { source: toClassifiedSourceResponse(source), rules: named, channels: [...channels] };
}

function toClassifiedSourceResponse(
  source: ClassifiedSource,
): z.input<typeof classifiedSourceResponse> {
  return {
    source: source.source ?? null,
    medium: source.medium ?? null,
    campaign: source.campaign ?? null,
    content: source.content ?? null,
    term: source.term ?? null,
    channel: source.channel,
    platform: source.platform ?? null,
    click_id_type: source.clickIdType ?? null,
    referrer_host: source.referrerHost ?? null,
    partner_key: source.partnerKey ?? null,
    confidence: source.confidence,
    kind: source.kind,
    rule: source.rule,
    rules_version: source.rulesVersion,
  };
}

function toWireName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
