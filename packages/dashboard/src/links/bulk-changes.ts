import type { LinkResponse, LinkUpdateParams } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { utmFields } from './link-values.ts';
import { valueWords } from './change-lines.ts';
import type { ChangeLine } from './change-lines.ts';

type UtmField = (typeof utmFields)[number];

/** What is to become of many links at once. What is not said stays as it is with each. */
export interface BulkPlan {
  addTags: string[];
  removeTags: string[];
  /** `keep`, or the id of a folder, or empty for none. */
  folder: string;
  utm: Record<UtmField, string>;
  clearUtm: UtmField[];
  expiry: 'keep' | 'never' | 'at';
  expiresAt: string;
  health: 'keep' | 'on' | 'off';
}

export const emptyPlan: BulkPlan = {
  addTags: [],
  removeTags: [],
  folder: 'keep',
  utm: { utm_source: '', utm_medium: '', utm_campaign: '', utm_content: '', utm_term: '' },
  clearUtm: [],
  expiry: 'keep',
  expiresAt: '',
  health: 'keep',
};

export interface BulkChange {
  readonly link: LinkResponse;
  /** Only what differs; empty where the link is as it shall be. */
  readonly params: LinkUpdateParams;
  readonly lines: readonly ChangeLine[];
}

/** What the plan means for each link. */
export function bulkChanges(
  links: readonly LinkResponse[],
  plan: BulkPlan,
  folderName: (id: string | null) => string,
): readonly BulkChange[] {
  return links.map((link) => {
    const wanted = wantedOf(link, plan);
    const params = Object.fromEntries(
      Object.entries(wanted).filter(
        ([name, value]) => !isSame(link[name as keyof LinkResponse], value),
      ),
    ) as LinkUpdateParams;
    const words = (name: string, value: unknown): string =>
      name === 'folder_id' ? folderName(value as string | null) : valueWords(value);
    const lines = Object.entries(params).map(([field, value]) => ({
      field,
      words: t.linkHistory.fromTo(
        words(field, link[field as keyof LinkResponse]),
        words(field, value),
      ),
    }));
    return { link, params, lines };
  });
}

function wantedOf(link: LinkResponse, plan: BulkPlan): LinkUpdateParams {
  const kept = link.tags.filter((tag) => !plan.removeTags.includes(tag));
  const utm = utmFields.flatMap((name): ReadonlyArray<readonly [UtmField, string | null]> => {
    const text = plan.utm[name].trim();
    if (text !== '') return [[name, text]];
    return plan.clearUtm.includes(name) ? [[name, null]] : [];
  });
  return {
    tags: [...new Set([...kept, ...plan.addTags])],
    ...(plan.folder !== 'keep' && { folder_id: plan.folder === '' ? null : plan.folder }),
    ...Object.fromEntries(utm),
    ...(plan.expiry === 'never' && { expires_at: null }),
    ...(plan.expiry === 'at' && plan.expiresAt !== '' && { expires_at: plan.expiresAt }),
    ...(plan.health !== 'keep' && { health_check: plan.health === 'on' }),
  };
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
