import type { Context } from '../context.ts';
import { hashEmail } from '../invitations/hash-entity.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { codeProblem, normaliseCode } from '../referrals/referral-code.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { placeOf, presentEntry } from './present-entry.ts';
import type { WaitlistEntry, WaitlistPlace } from './waitlist-entry.ts';
import { findEntry } from './waitlist-store.ts';
import type { EntryKey } from './waitlist-store.ts';

/** How a call names an entry: by its id, its address, or the code that it passes on. */
export type WaitlistReference =
  | { readonly id: string }
  | { readonly email: string }
  | { readonly code: string };

export type WaitlistEntryNotFound = Refusal & { readonly code: 'waitlist_entry_not_found' };

export interface PlacedEntry extends WaitlistPlace {
  readonly entry: WaitlistEntry;
}

/** Where somebody stands. With the address of who asks, questions are counted by its network. */
export async function findPlace(
  context: Context,
  workspace: Workspace,
  reference: WaitlistReference & { readonly address?: string | undefined },
  options?: WriteOptions,
): Promise<Result<PlacedEntry, WaitlistEntryNotFound | RateLimitedRefusal>> {
  const { address } = reference;
  const counted = await countGuess(context.limiter, workspace.id, { address }, options, {
    network: 'waitlist',
  });
  if (!counted.ok) return counted;
  const key = keyOf(workspace, reference);
  const row = key && (await findEntry(context.database.db, workspace.id, key));
  if (row === undefined) return entryNotFound();
  return ok({ entry: presentEntry(workspace, row), ...(await placeOf(context, row)) });
}

/** `undefined` for what names nobody. */
export function keyOf(workspace: Workspace, reference: WaitlistReference): EntryKey | undefined {
  if ('id' in reference) return isUuid(reference.id) ? { id: reference.id } : undefined;
  if ('code' in reference)
    return codeProblem(reference.code) === undefined
      ? { code: normaliseCode(reference.code) }
      : undefined;
  const emailHash =
    typeof reference.email === 'string' ? hashEmail(workspace, reference.email) : undefined;
  return emailHash && { emailHash };
}

export function entryNotFound(): WaitlistEntryNotFound {
  return refuse('waitlist_entry_not_found', 'Nobody of this waitlist is meant');
}
