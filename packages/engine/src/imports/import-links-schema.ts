import * as z from 'zod';

import { answerRefusal } from '../http/errors.ts';
import { countOut, idOut, text } from '../http/fields-schema.ts';
import type { ImportLinksReport } from './import-links.ts';
import { linkSources } from './link-format.ts';

export const importLinksParams = z
  .strictObject({
    from: z.enum(linkSources).default('csv').meta({ description: 'Whose export it is' }),
    content: z
      .string()
      .min(1, { error: 'must not be empty' })
      .meta({ description: 'The whole file: CSV, JSON, or JSON in lines' }),
    domain: text(260)
      .optional()
      .meta({ description: 'Where the links go to. Default: the domains in the file' }),
    on_existing: z
      .enum(['skip', 'update'])
      .default('skip')
      .meta({ description: 'What happens to links that are here already' }),
    dry_run: z
      .boolean()
      .default(false)
      .meta({ description: 'Says of each row what would happen, and writes nothing' }),
  })
  .meta({ id: 'ImportLinksParams' });

export const importLinksResponse = z
  .object({
    dry_run: z.boolean(),
    created: countOut,
    updated: countOut,
    unchanged: countOut,
    skipped: countOut,
    refused: countOut,
    ignored_columns: z
      .array(z.string())
      .meta({ description: 'Columns with values that nothing was made of' }),
    results: z.array(
      z.object({
        row: z
          .number()
          .meta({ type: 'integer', description: 'The line of CSV, or the number of the entry' }),
        status: z.enum(['ok', 'error']),
        outcome: z.enum(['created', 'updated', 'unchanged', 'skipped', 'refused']),
        domain: z.string().optional(),
        key: z.string().optional(),
        url: z.string().optional(),
        id: idOut.optional(),
        error: z.string().optional(),
        code: z.string().optional(),
        errors: z.record(z.string(), z.array(z.string())).optional(),
        notes: z
          .array(z.string())
          .meta({ description: 'Why it is skipped, and what there is no place for here' }),
      }),
    ),
  })
  .meta({ id: 'ImportLinksResponse' });

export function toImportLinksResponse(
  report: ImportLinksReport,
): z.input<typeof importLinksResponse> {
  return {
    dry_run: report.dryRun,
    ...report.counts,
    ignored_columns: [...report.ignoredColumns],
    results: report.links.map(({ row, outcome, domain, key, url, linkId, refusal, notes }) => {
      const fault = refusal && answerRefusal(refusal).body;
      return {
        row,
        status: refusal === undefined ? ('ok' as const) : ('error' as const),
        outcome,
        ...(domain !== undefined && { domain }),
        ...(key !== undefined && { key }),
        ...(url !== undefined && { url }),
        ...(linkId !== undefined && { id: linkId }),
        ...(fault !== undefined && {
          error: fault.error,
          code: fault.code,
          errors: Object.fromEntries(
            Object.entries(fault.errors ?? {}).map(([field, rules]) => [field, [...rules]]),
          ),
        }),
        notes: [...notes],
      };
    }),
  };
}
