import * as z from 'zod';

import { countOut, instant, timestampOut } from '../http/fields-schema.ts';
import type { DomainPage, LinkDomainSettings } from './link-domain.ts';
import type { LinkDomain } from './set-link-domain.ts';
import type { VariantReport } from './link-variants.ts';
import { conditionKinds, listKinds, routingLimits, variantGoals } from './link-routing.ts';
import { visitorStandings } from './link-routing.ts';
import type { SimulatedRoute, SimulateLinkInput } from './simulate-link.ts';

/** The domain knows which values make sense; here is only what JSON can say. */
const target = z.string().meta({ format: 'uri', example: 'https://example.com/ended' });
const texts = z.array(z.string());
const not = z.boolean().optional().meta({ description: 'Turns the condition around' });

const routeCondition = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.enum(listKinds),
        in: texts.meta({ example: ['DE', 'AT'] }),
        not,
      })
      .meta({ id: 'ListCondition' }),
    z
      .strictObject({
        kind: z.literal('time'),
        zone: z.string().meta({ example: 'Europe/Berlin' }),
        days: z.array(z.int()).optional().meta({ description: '1 is Monday, 7 Sunday' }),
        from: z.string().optional().meta({ example: '09:00' }),
        to: z.string().optional().meta({ example: '17:30' }),
        after: z.string().optional().meta({ format: 'date-time' }),
        before: z.string().optional().meta({ format: 'date-time' }),
        not,
      })
      .meta({ id: 'TimeCondition' }),
    z
      .strictObject({
        kind: z.literal('query'),
        name: z.string(),
        in: texts.optional().meta({ description: 'Without it: the parameter is there' }),
        not,
      })
      .meta({ id: 'QueryCondition' }),
    z
      .strictObject({ kind: z.literal('visitor'), is: z.enum(visitorStandings), not })
      .meta({ id: 'VisitorCondition' }),
    z
      .strictObject({
        kind: z.literal('clicks'),
        from: z.int().optional(),
        below: z.int().optional(),
        not,
      })
      .meta({ id: 'ClicksCondition' }),
    z
      .strictObject({ kind: z.literal('share'), percent: z.number(), not })
      .meta({ id: 'ShareCondition' }),
  ])
  .meta({ id: 'RouteCondition', description: `One of ${conditionKinds.join(', ')}` });

const limit = z.strictObject({ max: z.int(), url: target.optional() }).meta({ id: 'LinkLimit' });

export const linkRouting = z
  .strictObject({
    version: z.literal(1).optional().meta({ default: 1 }),
    start: z
      .strictObject({ at: z.string().meta({ format: 'date-time' }), url: target.optional() })
      .optional(),
    expiry: z.strictObject({ url: target }).optional().meta({ description: 'After `expires_at`' }),
    limits: z
      .strictObject({
        clicks: limit.optional(),
        people: limit.optional(),
        conversions: limit.optional(),
      })
      .optional()
      .meta({ description: `Exact up to ${routingLimits.exactMax}` }),
    rules: z
      .array(
        z
          .strictObject({ name: z.string(), when: z.array(routeCondition), url: target })
          .meta({ id: 'RouteRule' }),
      )
      .optional()
      .meta({ description: 'The first one whose conditions all hold decides' }),
    variants: z
      .array(
        z
          .strictObject({ name: z.string(), url: target, weight: z.int() })
          .meta({ id: 'LinkVariant' }),
      )
      .optional()
      .meta({ description: 'They share what would go to `url`, by weight' }),
    goal: z.enum(variantGoals).optional().meta({ default: 'conversions' }),
    since: z
      .string()
      .optional()
      .meta({ description: 'Since when the variants are as they are; written by the engine' }),
    query: z
      .union([z.enum(['all', 'none']), texts])
      .optional()
      .meta({ default: 'all', description: 'Which parameters the destination gets' }),
  })
  .meta({ id: 'LinkRouting', description: 'Replaced as a whole; `null` makes the link plain.' });

const count = z.int().optional().meta({ description: 'Instead of what has been counted' });

export const simulateParams = z
  .strictObject({
    path: z.string().optional().meta({ description: 'Of a pattern link', example: 'docs/intro' }),
    query: z.string().optional().meta({ example: 'utm_source=x' }),
    at: instant.optional(),
    user_agent: z.string().optional(),
    language: z.string().optional().meta({ example: 'de-AT,de;q=0.9' }),
    referrer: z.string().optional(),
    ip: z.string().optional(),
    country: z.string().optional().meta({ example: 'DE' }),
    region: z.string().optional(),
    city: z.string().optional(),
    visitor: z.enum(visitorStandings).optional().meta({ default: 'new' }),
    visitor_key: z
      .string()
      .optional()
      .meta({ description: 'The same text for the same visitor, for variants and shares' }),
    unlocked: z.boolean().optional().meta({ description: 'The right password is given' }),
    clicks: count,
    people: count,
    conversions: count,
  })
  .meta({ id: 'SimulateLinkParams' });

export function toSimulateInput(body: z.output<typeof simulateParams>): SimulateLinkInput {
  const { user_agent: userAgent, visitor_key: visitorKey, ...rest } = body;
  return { ...rest, userAgent, visitorKey };
}

export const simulatedResponse = z
  .object({
    outcome: z.enum(['destination', 'inactive', 'expired', 'password']),
    location: z.string().nullable().meta({ description: '`null`: a page is shown' }),
    rule: z.string().nullable(),
    variant: z.string().nullable(),
    steps: z.array(
      z
        .object({
          step: z.string().meta({ example: 'rule' }),
          name: z.string().optional(),
          decided: z.boolean(),
          why: z.string(),
          conditions: z
            .array(
              z.object({
                condition: routeCondition,
                held: z.boolean().nullable().meta({ description: '`null`: not known' }),
                saw: z.string().nullable(),
              }),
            )
            .optional(),
        })
        .meta({ id: 'RouteStep' }),
    ),
  })
  .meta({ id: 'SimulatedRoute' });

export function toSimulatedResponse(route: SimulatedRoute): z.input<typeof simulatedResponse> {
  return JSON.parse(JSON.stringify(route)) as z.input<typeof simulatedResponse>;
}

const comparisonOut = z.object({
  better: z.string(),
  worse: z.string(),
  e_value: z.number().meta({ description: 'How much the data speak for it' }),
});

export const variantsResponse = z
  .object({
    since: timestampOut.nullable(),
    goal: z.enum(variantGoals),
    currency: z.string(),
    variants: z.array(
      z.object({
        name: z.string(),
        url: z.string(),
        weight: z.int(),
        clicks: countOut,
        people: countOut,
        conversions: countOut,
        converted_people: countOut,
        revenue_cents: countOut.meta({ description: "Minor units of the workspace's currency" }),
        conversion_rate: z.number(),
        revenue_per_click: z.number().meta({ description: 'Minor units' }),
      }),
    ),
    winner: z.string().nullable().meta({ description: 'May be looked at as often as one likes' }),
    comparisons: z.array(comparisonOut),
    threshold: z.number(),
    split: z.object({ matches: z.boolean(), e_value: z.number(), threshold: z.number() }),
  })
  .meta({ id: 'LinkVariantsResponse' });

export function toVariantsResponse(report: VariantReport): z.input<typeof variantsResponse> {
  const { since, goal, currency, winner, threshold, split } = report;
  return {
    since: since?.toISOString() ?? null,
    goal,
    currency,
    variants: report.variants.map((variant) => ({
      name: variant.name,
      url: variant.url,
      weight: variant.weight,
      clicks: variant.clicks,
      people: variant.people,
      conversions: variant.conversions,
      converted_people: variant.convertedPeople,
      revenue_cents: Number(variant.revenueMinor),
      conversion_rate: variant.conversionRate,
      revenue_per_click: variant.revenuePerClick,
    })),
    winner,
    comparisons: report.comparisons.map(({ better, worse, eValue }) => ({
      better,
      worse,
      e_value: eValue,
    })),
    threshold,
    split: { matches: split.matches, e_value: split.eValue, threshold: split.threshold },
  };
}

const page = z
  .union([z.strictObject({ url: target }), z.strictObject({ title: z.string(), text: z.string() })])
  .meta({ id: 'DomainPage', description: 'A destination, or the words of a page' });

export const linkDomainParams = z
  .strictObject({
    missing: page.optional().meta({ description: 'Where no link has the key' }),
    expired: page.optional(),
    inactive: page.optional().meta({ description: 'Of links that have not started' }),
    apps: z
      .strictObject({
        apple: z
          .array(z.strictObject({ id: z.string(), paths: texts.optional() }))
          .optional()
          .meta({ description: 'For `/.well-known/apple-app-site-association`' }),
        android: z
          .array(z.strictObject({ package: z.string(), fingerprints: texts }))
          .optional()
          .meta({ description: 'For `/.well-known/assetlinks.json`' }),
      })
      .optional(),
  })
  .meta({ id: 'LinkDomainParams' });

export const linkDomainResponse = linkDomainParams
  .extend({ host: z.string() })
  .meta({ id: 'LinkDomainResponse' });

export function toLinkDomainSettings(body: z.output<typeof linkDomainParams>): LinkDomainSettings {
  const { missing, expired, inactive, apps } = body;
  const pages: Record<string, DomainPage | undefined> = { missing, expired, inactive };
  const given = Object.entries(pages).filter(([, one]) => one !== undefined);
  return { ...Object.fromEntries(given), ...(apps !== undefined && { apps }) };
}

export function toLinkDomainResponse({
  host,
  settings,
}: LinkDomain): z.input<typeof linkDomainResponse> {
  return { host, ...(settings as z.input<typeof linkDomainParams>) };
}
