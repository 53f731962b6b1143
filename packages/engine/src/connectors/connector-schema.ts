import * as z from 'zod';

import { instant, jsonObject, moneyOut, text, timestampOut } from '../http/fields-schema.ts';
import { goals } from '../attribution/goal.ts';
import { given } from '../kernel/given.ts';
import type { ClaimTotals, ClaimsReport } from './compare-claims.ts';
import type { ConnectorChanges } from './change-connector.ts';
import type { ConnectorState } from './connector-state.ts';
import { outgoingTypes } from './outgoing-conversion.ts';

export const connectorTypeParams = z.object({
  type: text(40).meta({ example: 'meta' }),
});

export const connectorParams = z
  .strictObject({
    enabled: z.boolean().optional().meta({ description: 'Whether conversions are sent to it' }),
    event_types: z
      .array(z.enum(outgoingTypes))
      .optional()
      .meta({ description: 'Those that it is told of; at first all that it can be told of' }),
    settings: jsonObject.optional().meta({
      description: 'Merged by name; `null` brings the default back',
      example: { api_version: 'v26.0' },
    }),
    test: z.boolean().optional().meta({
      description: 'The platform only checks or shows what it is sent, and counts nothing',
    }),
    credentials: z
      .record(z.string(), z.string().nullable())
      .optional()
      .meta({
        description: 'Merged by name; `null` removes one. Stored encrypted, and never told again',
        example: { pixel_id: '123456', access_token: 'EAAx…' },
      }),
  })
  .meta({ id: 'ConnectorParams' });

const settingValue = z.union([z.string(), z.number(), z.boolean()]);

export const connectorResponse = z
  .object({
    type: z.string().meta({ example: 'meta' }),
    label: z.string().meta({ example: 'Meta Conversions API' }),
    enabled: z.boolean(),
    enabled_at: timestampOut.nullable(),
    supported_event_types: z.array(z.string()),
    event_types: z.array(z.string()),
    required_signals: z
      .array(z.array(z.string()))
      .meta({ description: 'Of each group a conversion needs one' }),
    credentials: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        description: z.string().nullable(),
        secret: z.boolean(),
        optional: z.boolean(),
        is_set: z.boolean(),
      }),
    ),
    settings: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        description: z.string().nullable(),
        type: z.string(),
        value: settingValue,
        default: settingValue,
        choices: z.array(z.string()).optional(),
      }),
    ),
    test: z.boolean(),
    test_mode: z
      .string()
      .nullable()
      .meta({ description: 'What test mode does; `null` where the platform has none' }),
    paused: z
      .object({ at: timestampOut, code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Nothing is sent until it is changed or resumed' }),
    resting_until: timestampOut
      .nullable()
      .meta({ description: 'The platform has asked to be left alone until then' }),
  })
  .meta({ id: 'ConnectorResponse' });

/** What fields of `ConnectorChanges` are called on the wire, where that is not only another spelling. */
export const connectorWireNames: Readonly<Record<string, string>> = { eventTypes: 'event_types' };

export function toConnectorChanges(body: z.output<typeof connectorParams>): ConnectorChanges {
  const { enabled, event_types: eventTypes, settings, test, credentials } = body;
  return given({ enabled, eventTypes, settings, test, credentials });
}

export function toConnectorResponse(state: ConnectorState): z.input<typeof connectorResponse> {
  return {
    type: state.type,
    label: state.label,
    enabled: state.enabled,
    enabled_at: state.enabledAt?.toISOString() ?? null,
    supported_event_types: [...state.supportedEventTypes],
    event_types: [...state.eventTypes],
    required_signals: state.requiredSignals.map((group) => [...group]),
    credentials: state.credentials.map(({ name, field, isSet }) => ({
      name,
      label: field.label,
      description: field.description ?? null,
      secret: field.secret,
      optional: field.optional === true,
      is_set: isSet,
    })),
    settings: state.settings.map(({ name, field, value }) => ({
      name,
      label: field.label,
      description: field.description ?? null,
      type: field.type,
      value,
      default: field.default,
      ...(field.type === 'choice' && { choices: [...field.choices] }),
    })),
    test: state.test,
    test_mode: state.testMode ?? null,
    paused:
      state.paused === undefined ? null : { ...state.paused, at: state.paused.at.toISOString() },
    resting_until: state.restingUntil?.toISOString() ?? null,
  };
}

const claimTotals = z.object({
  conversions: z.number().meta({ type: 'integer' }),
  revenue: z.array(moneyOut),
});

export const claimsQuery = z.object({
  from: instant
    .optional()
    .meta({ format: 'date-time', description: 'When conversions happened; 30 days before `to`' }),
  to: instant.optional().meta({ format: 'date-time' }),
  goal: z.enum(goals).optional().meta({ default: 'sale' }),
});

export const claimsResponse = z
  .object({
    from: timestampOut,
    to: timestampOut,
    goals: z.array(z.string()),
    total: claimTotals.meta({ description: 'Every conversion of the period, once' }),
    rows: z.array(
      z.object({
        connector: z.string(),
        claimed: claimTotals.meta({
          description: 'What the platform was told with a click of its own: it counts all of these',
        }),
        confirmed: claimTotals.meta({
          description: 'Those of them that the journeys credit to the platform too',
        }),
        credited: claimTotals.meta({
          description: 'Everything that the journeys credit to clicks of the platform',
        }),
      }),
    ),
  })
  .meta({ id: 'ClaimsResponse', description: 'Amounts are before refunds' });

export function toClaimsResponse(report: ClaimsReport): z.input<typeof claimsResponse> {
  return {
    from: report.from.toISOString(),
    to: report.to.toISOString(),
    goals: [...report.goals],
    total: toTotals(report.total),
    rows: report.rows.map(({ connector, claimed, confirmed, credited }) => ({
      connector,
      claimed: toTotals(claimed),
      confirmed: toTotals(confirmed),
      credited: toTotals(credited),
    })),
  };
}

function toTotals({ conversions, revenue }: ClaimTotals): z.input<typeof claimTotals> {
  return {
    conversions,
    revenue: revenue.map(({ currency, amountMinor }) => ({
      currency,
      amount: Number(amountMinor),
    })),
  };
}
