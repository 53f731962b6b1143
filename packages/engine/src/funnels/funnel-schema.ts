import * as z from 'zod';

import { idOut, pageQuery, timestampOut, uuid } from '../http/fields-schema.ts';
import { eventTypes } from '../ingest/event.ts';
import { visitDimensions } from '../reports/dimension.ts';
import type { FunnelInput } from './create-funnel.ts';
import {
  funnelLimits,
  funnelScopes,
  propertyOperators,
  stepCombinations,
  urlMatches,
  urlScopes,
} from './funnel.ts';
import type { Funnel, FunnelDefinition } from './funnel.ts';
import { archivedChoices } from './list-funnels.ts';
import type { FunnelChanges } from './update-funnel.ts';
import { visitFilterLimits } from './visit-dimension.ts';

export const funnelIdParams = z.object({ id: uuid });

const texts = z.array(z.string()).optional();

/** The domain knows the limits and which fields go together; here is only what JSON can say. */
const stepFilter = z
  .discriminatedUnion(
    'kind',
    [
      z
        .strictObject({
          kind: z.literal('event'),
          type: z.enum(eventTypes),
          name: z.string().optional().meta({ description: 'Of a custom event' }),
        })
        .meta({ id: 'FunnelEventFilter' }),
      z
        .strictObject({
          kind: z.literal('url'),
          scope: z.enum(urlScopes).optional().meta({
            default: 'path',
            description:
              'A path is compared without query, fragment, doubled slashes and a slash at its end',
          }),
          match: z.enum(urlMatches).optional().meta({
            default: 'equals',
            description:
              'In a wildcard `*` stands for any characters; a regular expression is found anywhere',
          }),
          value: z.string().optional().meta({ example: '/pricing' }),
          values: texts.meta({
            description: 'Of the match `in`, instead of `value`',
            maxItems: funnelLimits.urlValuesMax,
          }),
        })
        .meta({ id: 'FunnelUrlFilter' }),
      z
        .strictObject({
          kind: z.literal('property'),
          key: z.string().meta({ example: 'plan' }),
          op: z.enum(propertyOperators).optional().meta({ default: 'eq' }),
          value: z.string().optional().meta({ example: 'pro' }),
          values: texts.meta({
            description: 'Of the operator `in`, instead of `value`',
            maxItems: funnelLimits.propertyValuesMax,
          }),
        })
        .meta({
          id: 'FunnelPropertyFilter',
          description: 'Numbers and booleans are compared by their text.',
        }),
      z
        .strictObject({
          kind: z.literal('source'),
          channel: z.string().optional().meta({ example: 'Paid Search' }),
          source: z.string().optional().meta({ example: 'google' }),
          medium: z.string().optional(),
          campaign: z.string().optional(),
        })
        .meta({
          id: 'FunnelSourceFilter',
          description: 'Where the visit came from, all that is given; one field at least.',
        }),
      z
        .strictObject({
          kind: z.literal('link'),
          ids: z.array(z.string()).meta({ maxItems: funnelLimits.linksMax }),
        })
        .meta({
          id: 'FunnelLinkFilter',
          description: 'A click on one of these links, or another event that names one.',
        }),
    ],
    { error: 'must be one of event, url, property, source, link' },
  )
  .meta({ id: 'FunnelStepFilter' });

const step = z
  .strictObject({
    label: z.string().optional().meta({ example: 'Looks at prices' }),
    combine: z
      .enum(stepCombinations)
      .optional()
      .meta({ default: 'all', description: 'Whether all filters have to hold, or any' }),
    filters: z.array(stepFilter).meta({ minItems: 1, maxItems: funnelLimits.filtersMax }),
  })
  .meta({ id: 'FunnelStep' });

const visitFilter = z
  .strictObject({
    dimension: z.enum(visitDimensions),
    values: z.array(z.union([z.string(), z.null()])).meta({
      maxItems: visitFilterLimits.valuesMax,
      example: ['DE', null],
      description: '`null` is where the visit has none',
    }),
    exclude: z
      .boolean()
      .optional()
      .meta({ default: false, description: 'Visits with none of the values' }),
  })
  .meta({ id: 'VisitFilter' });

export const definitionFields = {
  steps: z.array(step).meta({ minItems: funnelLimits.stepsMin, maxItems: funnelLimits.stepsMax }),
  conversion_window_days: z.number().optional().meta({
    type: 'integer',
    minimum: 1,
    maximum: funnelLimits.windowDaysMax,
    default: funnelLimits.windowDaysDefault,
    description: 'How long after the first step the last one may be',
  }),
  scope: z.enum(funnelScopes).optional().meta({
    default: 'person',
    description: 'Whether the steps are those of a person, on any device, or of one visit',
  }),
  filters: z.array(visitFilter).optional().meta({
    maxItems: visitFilterLimits.filtersMax,
    description: 'Only first steps in visits like these',
  }),
};

export const funnelParams = z
  .strictObject({
    name: z.string().meta({ example: 'Sign-up' }),
    description: z.string().nullish(),
    ...definitionFields,
  })
  .meta({ id: 'FunnelParams' });

export const funnelUpdateParams = z
  .strictObject({
    name: z.string().optional(),
    description: z.string().nullish(),
    ...definitionFields,
    steps: definitionFields.steps.optional(),
  })
  .meta({ id: 'FunnelUpdateParams', description: 'What is absent stays, `null` clears.' });

export const funnelQuery = z.strictObject({
  ...pageQuery(50),
  archived: z.enum(archivedChoices).optional().meta({ default: 'without' }),
});

export const funnelResponse = z
  .object({
    id: idOut,
    name: z.string(),
    description: z.string().nullable(),
    steps: z.array(step),
    conversion_window_days: z.number().meta({ type: 'integer' }),
    scope: z.enum(funnelScopes),
    filters: z.array(visitFilter),
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'FunnelResponse' });

/** Where the wire has another name than the domain. */
export const funnelWireNames = { window: 'conversion_window_days' } as const;

export function toFunnelInput(body: z.output<typeof funnelParams>): FunnelInput {
  const { name, description, ...definition } = body;
  return { name, description, ...toDefinition(definition) };
}

export function toFunnelChanges(body: z.output<typeof funnelUpdateParams>): FunnelChanges {
  const { conversion_window_days: days, ...rest } = body;
  return { ...rest, ...(days !== undefined && { window: { days } }) };
}

type WireDefinition = z.output<z.ZodObject<typeof definitionFields>>;

export function toDefinition({
  conversion_window_days: days,
  ...rest
}: WireDefinition): FunnelDefinition {
  return { ...rest, ...(days !== undefined && { window: { days } }) };
}

export function toFunnelResponse(funnel: Funnel): z.input<typeof funnelResponse> {
  return {
    id: funnel.id,
    name: funnel.name,
    description: funnel.description,
    steps: funnel.steps.map(({ filters, ...rest }) => ({
      ...rest,
      filters: [...filters] as never,
    })),
    conversion_window_days: funnel.window.days,
    scope: funnel.scope,
    filters: funnel.filters.map((filter) => ({ ...filter, values: [...filter.values] })),
    archived_at: funnel.archivedAt?.toISOString() ?? null,
    inserted_at: funnel.createdAt.toISOString(),
    updated_at: funnel.updatedAt.toISOString(),
  };
}
