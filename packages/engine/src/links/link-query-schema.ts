import * as z from 'zod';

import { pageQuery, queryInteger, text, uuid } from '../http/fields-schema.ts';
import { linkOrders } from './link-cursor.ts';
import type { LinkSort } from './link-cursor.ts';
import { linkTypes } from './link.ts';
import type { ListLinksInput } from './list-links.ts';
import { logoBytesMax } from './qr-logo.ts';
import { qrCorrections, qrDefaults, qrFormats, qrRanges } from './qr-options.ts';

const linkSortOf = {
  created_at: 'createdAt',
  clicks: 'clicks',
  unique_clicks: 'uniqueClicks',
  leads: 'leads',
  sales: 'sales',
  revenue: 'revenue',
} as const satisfies Record<string, LinkSort>;

export const linkQuery = z.strictObject({
  ...pageQuery(50),
  link_type: z.enum(linkTypes).optional(),
  domain: text(260).optional(),
  tag: text(100).optional(),
  partner_id: uuid.optional(),
  folder_id: uuid.optional(),
  is_down: z.enum(['true', 'false']).optional().meta({ type: 'boolean', enum: undefined }),
  search: text(200).optional().meta({
    description:
      'A part of the key, the destination, the external id, the UTM campaign or a tag, in whatever case',
  }),
  archived: z.enum(['without', 'with', 'only']).optional().meta({ default: 'without' }),
  sort: z
    .enum(Object.keys(linkSortOf) as Array<keyof typeof linkSortOf>)
    .optional()
    .meta({
      description: "Revenue is that in the workspace's currency. A cursor is of one order only.",
      default: 'created_at',
    }),
  order: z.enum(linkOrders).optional().meta({ default: 'desc' }),
});

export function toListLinksInput(query: z.output<typeof linkQuery>): ListLinksInput {
  const { link_type: linkType, partner_id: partnerId, folder_id, is_down, sort, ...rest } = query;
  const isDown = is_down === undefined ? undefined : is_down === 'true';
  return {
    ...rest,
    linkType,
    partnerId,
    folderId: folder_id,
    isDown,
    ...(sort !== undefined && { sort: linkSortOf[sort] }),
  };
}

const hexColor = z.string().meta({ pattern: '^[0-9a-fA-F]{6}$' });

/** The use case checks the colours. */
export const qrQuery = z.strictObject({
  format: z.enum(qrFormats).default(qrDefaults.format),
  size: queryInteger({ ...qrRanges.size, default: qrDefaults.size }).meta({
    description: 'Pixels of one module',
  }),
  color: hexColor.default(qrDefaults.color),
  background: hexColor.default(qrDefaults.background),
  ec: z
    .enum(qrCorrections)
    .default(qrDefaults.ec)
    .meta({ description: 'Error correction: 7, 15, 25 or 30 percent of the code may be hidden' }),
  margin: queryInteger({ ...qrRanges.margin, default: qrDefaults.margin }).meta({
    description: 'Modules that stay empty around the code',
  }),
});

/** The same with a logo, which no query has room for. */
export const qrParams = z
  .strictObject({
    format: z.enum(qrFormats).default(qrDefaults.format),
    size: z.number().default(qrDefaults.size).meta({ description: 'Pixels of one module' }),
    color: hexColor.default(qrDefaults.color),
    background: hexColor.default(qrDefaults.background),
    ec: z.enum(qrCorrections).default(qrDefaults.ec).meta({ description: 'With a logo: high' }),
    margin: z.number().default(qrDefaults.margin),
    logo: z
      .base64({ error: 'must be base64' })
      .max(Math.ceil(logoBytesMax / 3) * 4, {
        error: `must have at most ${logoBytesMax / 1024} KiB`,
      })
      .optional()
      .meta({ description: 'A PNG in base64 that stands in the middle of the code' }),
    logo_size: z
      .number()
      .optional()
      .meta({ description: 'Percent of the side of the code: 10 to 25', default: 20 }),
  })
  .meta({ id: 'QrParams' });

export const clicksQuery = z.strictObject({
  ...pageQuery(50),
  machines: z.enum(['true', 'false']).optional().meta({
    type: 'boolean',
    enum: undefined,
    description: 'Bots, crawlers and previews too',
    default: false,
  }),
});

export const qrImages = {
  'image/svg+xml': z.string(),
  'image/png': z.string().meta({ format: 'binary' }),
};
