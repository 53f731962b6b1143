import * as z from 'zod';

import type { ExportShape } from '../http/export-stream.ts';
import { toLinkResponse } from '../links/link-schema.ts';
import { staticFormats } from './static-redirects.ts';
import type { ExportedLink } from './export-links.ts';

export const linkExportQuery = z.strictObject({
  format: z.enum(['csv', 'json', 'ndjson', ...staticFormats, 'snapshot']).default('csv'),
  archived: z.enum(['without', 'with']).default('without').meta({
    description: 'Of CSV, JSON and NDJSON; what is archived is no redirect',
  }),
});

export const linkExportContents = {
  'text/csv': z.string(),
  'application/json': z.string(),
  'application/x-ndjson': z.string(),
  'text/plain': z.string(),
};

/** The columns of CSV; lists and objects are JSON in their cells. An import takes them as they are. */
const columns = [
  'id',
  'domain',
  'key',
  'short_url',
  'url',
  'link_type',
  'partner_id',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
  'ios_url',
  'android_url',
  'geo_targeting',
  'og_title',
  'og_description',
  'og_image',
  'tags',
  'external_id',
  'metadata',
  'expires_at',
  'folder_id',
  'notes',
  'fallback_url',
  'health_check',
  'archived_at',
  'total_clicks',
  'unique_clicks',
  'total_leads',
  'total_sales',
  'inserted_at',
  'updated_at',
] as const;

export function exportShapeOf(scheme: 'http' | 'https'): ExportShape<ExportedLink> {
  // What follows from the rest, or is so at this moment only, is left out.
  const tell = ({ link, stats }: ExportedLink): Record<string, unknown> => {
    const told = toLinkResponse(link, { scheme, domainVerified: false, stats });
    return Object.fromEntries(columns.map((column) => [column, told[column]]));
  };
  return {
    columns,
    document: tell,
    cells(row) {
      const told = tell(row);
      return columns.map((column) => {
        const value = told[column];
        return typeof value === 'object' && value !== null
          ? JSON.stringify(value)
          : (value as string | number | boolean | null);
      });
    },
  };
}
