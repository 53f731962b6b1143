import * as z from 'zod';

import { countOut, idOut, pageQuery, text, timestampOut } from '../http/fields-schema.ts';
import { archivedChoices } from '../funnels/list-funnels.ts';
import { given } from '../kernel/given.ts';
import type { ProjectInput } from './create-project.ts';
import type { CountedProject } from './get-project.ts';
import { projectLimits, trackedKinds } from './project.ts';

export const projectSlugParams = z.object({ slug: text(63) });

const eventTypes = z.record(z.string(), z.enum(trackedKinds));

export const projectParams = z
  .strictObject({
    slug: z.string().meta({ example: 'my-startup', maxLength: 63 }),
    name: z.string().optional().meta({ maxLength: projectLimits.nameLengthMax }),
    event_types: eventTypes.optional().meta({
      description: 'Types beside `user_registered` and `user_converted`, and what each is',
      example: { trial_started: 'lead' },
    }),
    external_id_prefix: z.string().optional().meta({
      maxLength: projectLimits.prefixLengthMax,
      description: "Stands before the project's user ids, where projects share none",
    }),
  })
  .meta({ id: 'ProjectParams' });

export const projectQuery = z.strictObject({
  ...pageQuery(50),
  archived: z.enum(archivedChoices).optional().meta({ default: 'without' }),
});

export const projectResponse = z
  .object({
    id: idOut,
    slug: z.string(),
    name: z.string(),
    event_types: eventTypes,
    external_id_prefix: z.string(),
    counts: z.array(
      z
        .object({
          event_type: z.string(),
          count: countOut.meta({ description: 'Added and not removed again; never below zero' }),
          added: countOut,
          removed: countOut,
          unmatched: countOut.meta({ description: 'Removals that found nothing to take back' }),
        })
        .meta({ id: 'ProjectCount' }),
    ),
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'ProjectResponse' });

export function toProjectInput(body: z.output<typeof projectParams>): ProjectInput {
  const { slug, name, event_types: types, external_id_prefix: externalIdPrefix } = body;
  return { slug, ...given({ name, eventTypes: types, externalIdPrefix }) };
}

export function toProjectResponse(project: CountedProject): z.input<typeof projectResponse> {
  return {
    id: project.id,
    slug: project.slug,
    name: project.name,
    event_types: { ...project.eventTypes },
    external_id_prefix: project.externalIdPrefix,
    counts: project.counts.map(({ eventType, count, added, removed, unmatched }) => ({
      event_type: eventType,
      count,
      added,
      removed,
      unmatched,
    })),
    archived_at: project.archivedAt?.toISOString() ?? null,
    inserted_at: project.createdAt.toISOString(),
    updated_at: project.updatedAt.toISOString(),
  };
}
