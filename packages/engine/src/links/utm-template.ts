import type { LinkChanges } from './link.ts';

export const utmFields = [
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'utmContent',
  'utmTerm',
] as const;

export type UtmValues = { readonly [Field in (typeof utmFields)[number]]: string | null };

/** UTM values under a name, for links that are made from now on: links that exist never change with it. */
export interface UtmTemplate extends UtmValues {
  readonly id: string;
  readonly name: string;
  /** Applied to every new link that names no other one. A workspace has one at most. */
  readonly isDefault: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A new link with what the template has, where it says nothing itself. `null` keeps a field empty. */
export function fillUtm<Input extends LinkChanges>(
  input: Input,
  template: UtmTemplate | undefined,
): Input {
  if (template === undefined) return input;
  const filled = utmFields
    .filter((field) => input[field] === undefined && template[field] !== null)
    .map((field) => [field, template[field]]);
  return { ...input, ...(Object.fromEntries(filled) as Partial<UtmValues>) };
}
