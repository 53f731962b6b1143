import * as z from 'zod';

import { pageQuery, text, timestampOut } from '../http/fields-schema.ts';
import { verificationName, verificationRecord } from './domain.ts';
import type { Domain } from './domain.ts';

export const domainParams = z
  .strictObject({ host: text(260).meta({ example: 'mybrand.link' }) })
  .meta({ id: 'DomainParams' });

export const domainUpdateParams = z
  .strictObject({
    case_sensitive: z.boolean().meta({
      description: 'Whether `Promo` and `promo` are two keys on this host, or one',
      default: true,
    }),
  })
  .meta({ id: 'DomainUpdateParams' });

export const hostParams = z.object({ host: text(260).meta({ example: 'mybrand.link' }) });

export const domainQuery = z.strictObject(pageQuery(50));

export const domainResponse = z
  .object({
    host: z.string().meta({ example: 'mybrand.link' }),
    verified: z.boolean().meta({ description: 'Links on a host are served when it is verified' }),
    verified_at: timestampOut.nullable(),
    verification: z.object({
      type: z.literal('TXT'),
      name: z.string().meta({ example: '_headwater.mybrand.link' }),
      value: z.string().meta({ example: 'headwater-verification=…' }),
    }),
    case_sensitive: z.boolean(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'DomainResponse' });

export function toDomainResponse(domain: Domain): z.input<typeof domainResponse> {
  return {
    host: domain.host,
    verified: domain.verifiedAt !== undefined,
    verified_at: domain.verifiedAt?.toISOString() ?? null,
    verification: {
      type: 'TXT',
      name: verificationName(domain.host),
      value: verificationRecord(domain.verificationToken),
    },
    case_sensitive: domain.caseSensitive,
    inserted_at: domain.createdAt.toISOString(),
  };
}
