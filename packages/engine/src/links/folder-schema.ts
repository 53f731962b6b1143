import * as z from 'zod';

import { countOut, idOut, text, timestampOut, uuid } from '../http/fields-schema.ts';
import type { CountedFolder, LinkFolder } from './folder.ts';

export const folderIdParams = z.object({ id: uuid });
export const folderParams = z.strictObject({ name: text(100) }).meta({ id: 'FolderParams' });

export const folderResponse = z
  .object({
    id: idOut,
    name: z.string().meta({ example: 'Spring campaign' }),
    links: countOut.meta({ description: 'How many links are in it, without the archived ones' }),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'FolderResponse' });

export function toFolderResponse(
  folder: LinkFolder | CountedFolder,
): z.input<typeof folderResponse> {
  return {
    id: folder.id,
    name: folder.name,
    links: 'links' in folder ? folder.links : 0,
    inserted_at: folder.createdAt.toISOString(),
    updated_at: folder.updatedAt.toISOString(),
  };
}

export const tagNameParams = z.object({ name: z.string().min(1).max(100) });
export const tagParams = z.strictObject({ name: z.string() }).meta({ id: 'TagParams' });

export const tagResponse = z
  .object({
    name: z.string().meta({ example: 'launch' }),
    links: countOut.meta({ description: 'How many links have it, without the archived ones' }),
  })
  .meta({ id: 'TagResponse' });

export const changedLinksResponse = z
  .object({ links: countOut.meta({ description: 'How many links have changed' }) })
  .meta({ id: 'ChangedLinksResponse' });
