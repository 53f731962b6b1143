import * as z from 'zod';

import { countOut, idOut, jsonObject, text, timestampOut, uuid } from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import type { NamedPerson } from '../visitors/named-identifiers.ts';
import type { PrivacyStatement } from './describe-storage.ts';
import type { ErasureReceipt } from './erasure.ts';
import { privacyPresets } from './privacy-rules.ts';
import type { PersonReference } from './person-reference.ts';

/** Field names of the use cases that are others on the wire. */
export const wireNames = {
  visitorId: 'visitor_id',
  externalId: 'person_external_id',
  email: 'person_email',
  phone: 'person_phone',
  anonymousId: 'anonymous_id',
};

export const personReferenceParams = z
  .strictObject({
    visitor_id: uuid.optional(),
    person_external_id: text(255).optional(),
    person_email: text(320).optional(),
    person_phone: text(64).optional(),
    anonymous_id: text(255).optional(),
  })
  .meta({ id: 'PersonReferenceParams', description: 'Exactly one of these' });

export const liftParams = z
  .strictObject({
    person_external_id: text(255).optional(),
    person_email: text(320).optional(),
    person_phone: text(64).optional(),
    anonymous_id: text(255).optional(),
  })
  .meta({ id: 'LiftErasureParams', description: 'Every identifier that may be used again' });

export const erasureResponse = z
  .object({
    id: idOut,
    erased_at: timestampOut,
    rows: z
      .record(z.string(), countOut)
      .meta({ description: 'Rows erased or blanked, by table', example: { event: 42, touch: 3 } }),
    actor: z.string().nullable(),
  })
  .meta({ id: 'ErasureReceipt' });

export const liftResponse = z
  .object({
    kinds: z
      .array(z.string())
      .meta({ description: 'Kinds of the identifiers that were kept out until now' }),
  })
  .meta({ id: 'LiftedErasure' });

const daysOut = z.int().nullable().meta({ description: 'Days; null is for ever', example: 395 });

export const statementResponse = z
  .object({
    preset: z.enum(privacyPresets),
    cookie: z
      .object({ days: countOut, renewed: z.boolean() })
      .nullable()
      .meta({ description: 'By which browsers are recognised' }),
    networks: z.boolean(),
    click_ids: z.boolean(),
    people: z.boolean(),
    retention_days: z.object({
      events: daysOut,
      machine_events: daysOut,
      visits: daysOut,
      attribution: daysOut,
      click_ids: daysOut,
      evidence: daysOut,
    }),
    sentences: z.array(z.string()).meta({ description: 'The same for people' }),
    tables: z.array(
      z.object({
        name: z.string(),
        holds: z.enum(['people', 'totals', 'nothing']),
        says: z.string(),
        when_forgotten: z.enum(['erased', 'blanked']).nullable(),
      }),
    ),
  })
  .meta({ id: 'PrivacyStatement' });

export const exportLine = z
  .object({ table: z.string(), row: jsonObject })
  .meta({ id: 'PersonExportLine' });

export function toPersonReference(body: z.output<typeof personReferenceParams>): PersonReference {
  return { visitorId: body.visitor_id, ...toNamedPerson(body) };
}

export function toNamedPerson(body: z.output<typeof liftParams>): NamedPerson {
  return given({
    externalId: body.person_external_id,
    email: body.person_email,
    phone: body.person_phone,
    anonymousId: body.anonymous_id,
  });
}

export function toErasureResponse(receipt: ErasureReceipt): z.input<typeof erasureResponse> {
  return {
    id: receipt.id,
    erased_at: receipt.erasedAt.toISOString(),
    rows: { ...receipt.rows },
    actor: receipt.actor ?? null,
  };
}

export function toStatementResponse(
  statement: PrivacyStatement,
): z.input<typeof statementResponse> {
  const { rules, tables, sentences } = statement;
  const { retention } = rules;
  return {
    preset: rules.preset,
    cookie: rules.cookie ?? null,
    networks: rules.networks,
    click_ids: rules.clickIds,
    people: rules.people,
    retention_days: {
      events: retention.events ?? null,
      machine_events: retention.machineEvents ?? null,
      visits: retention.visits ?? null,
      attribution: retention.attribution ?? null,
      click_ids: retention.clickIds ?? null,
      evidence: retention.evidence ?? null,
    },
    sentences: [...sentences],
    tables: tables.map(({ whenForgotten, ...table }) => ({
      ...table,
      when_forgotten: whenForgotten ?? null,
    })),
  };
}
