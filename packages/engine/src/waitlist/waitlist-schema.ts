import * as z from 'zod';

import {
  countOut,
  idOut,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import {
  createdInvitationResponse,
  invitationParams,
  toCreatedInvitationResponse,
  toInvitationInput,
} from '../invitations/invitation-schema.ts';
import { given } from '../kernel/given.ts';
import { without } from '../kernel/without.ts';
import { exportFormats } from '../http/export-stream.ts';
import type { PlacedEntry } from './find-place.ts';
import type { InvitedEntry, InviteNextInput } from './invite-next.ts';
import type { JoinWaitlistInput } from './join-waitlist.ts';
import { waitlistStatuses } from './waitlist-entry.ts';
import type { WaitlistEntry } from './waitlist-entry.ts';

const address = text(64).optional().meta({ description: 'Of who asks, to count by its network' });

export const waitlistIdParams = z.object({ id: uuid });

export const joinParams = z
  .strictObject({
    email: z.string().meta({ example: 'ann@example.com' }),
    name: z.string().nullish(),
    metadata: jsonObject.optional(),
    referred_by: z.string().nullish().meta({ description: 'The code of who sent them' }),
    address,
    visitor_id: uuid.optional(),
    anonymous_id: text(255).optional().meta({ description: 'The value of the visitor cookie' }),
  })
  .meta({ id: 'WaitlistJoinParams' });

export const positionParams = z
  .strictObject({
    id: uuid.optional(),
    email: z.string().optional(),
    code: z.string().optional(),
    address,
  })
  .refine(
    ({ id, email, code }) => [id, email, code].filter((one) => one !== undefined).length === 1,
    {
      path: ['id'],
      error: 'is required, or email, or code: one of them',
    },
  )
  .meta({ id: 'WaitlistPositionParams' });

export const inviteParams = z
  .strictObject({
    count: z.int().min(1).max(500).optional().meta({ description: 'How many of the next' }),
    ids: z.array(uuid).min(1).max(500).optional().meta({ description: 'Or who' }),
    invitation: invitationParams
      .omit({ token: true, sign: true, emails: true, email_domains: true })
      .optional()
      .meta({ description: 'What each invitation is; one seat where nothing is said' }),
  })
  .meta({ id: 'WaitlistInviteParams' });

export const waitlistQuery = z.strictObject({
  ...pageQuery(50),
  status: z.enum(waitlistStatuses).optional(),
});

export const waitlistExportQuery = z.strictObject({
  format: z.enum(exportFormats).exclude(['json']).default('csv').meta({ default: 'csv' }),
  status: z.enum(waitlistStatuses).optional(),
});

const entryFields = {
  id: idOut,
  email: z.string().nullable().meta({ description: '`null` once they have left' }),
  name: z.string().nullable(),
  metadata: jsonObject,
  code: z.string().meta({ description: 'What they pass on', example: 'K7PXM2QA' }),
  status: z.enum(waitlistStatuses),
  referrals: countOut,
  referred_by_id: idOut.nullable(),
  invitation_id: idOut.nullable(),
  joined_at: timestampOut,
};

export const entryResponse = z.object(entryFields).meta({ id: 'WaitlistEntryResponse' });

export const placedResponse = z
  .object({
    entry: entryResponse,
    position: countOut.nullable().meta({ description: '1 is next; `null` for who does not wait' }),
    waiting: countOut.meta({ description: 'How many wait' }),
  })
  .meta({ id: 'WaitlistPlaceResponse' });

export const invitedResponse = z
  .array(z.object({ entry: entryResponse, invitation: createdInvitationResponse }))
  .meta({ id: 'WaitlistInvitedResponse' });

export function toJoinInput(body: z.output<typeof joinParams>): JoinWaitlistInput {
  const { email, name, metadata, address: from } = body;
  return {
    email,
    name,
    metadata,
    address: from,
    referredBy: body.referred_by,
    ...given({ visitorId: body.visitor_id, anonymousId: body.anonymous_id }),
  };
}

export function toInviteInput({
  count,
  ids,
  invitation,
}: z.output<typeof inviteParams>): InviteNextInput {
  if (invitation === undefined) return { count, ids };
  const input = toInvitationInput(invitation);
  const rest = without(input, 'emails', 'emailDomains', 'usesMax');
  const { usesMax } = input;
  return { count, ids, invitation: { ...rest, ...given({ usesMax }) } };
}

export function toEntryResponse(entry: WaitlistEntry): z.input<typeof entryResponse> {
  return {
    id: entry.id,
    email: entry.email ?? null,
    name: entry.name,
    metadata: { ...entry.metadata },
    code: entry.code,
    status: entry.status,
    referrals: entry.referrals,
    referred_by_id: entry.referredById,
    invitation_id: entry.invitationId,
    joined_at: entry.joinedAt.toISOString(),
  };
}

export function toPlacedResponse({
  entry,
  position,
  waiting,
}: PlacedEntry): z.input<typeof placedResponse> {
  return { entry: toEntryResponse(entry), position: position ?? null, waiting };
}

export function toInvitedResponse(
  invited: readonly InvitedEntry[],
  scheme: 'http' | 'https' | undefined,
): z.input<typeof invitedResponse> {
  return invited.map(({ entry, invitation }) => ({
    entry: toEntryResponse(entry),
    invitation: toCreatedInvitationResponse(invitation, scheme),
  }));
}

/** How the list is written as a file. */
export const waitlistShape = {
  columns: ['email', 'name', 'status', 'code', 'referrals', 'joined_at', 'metadata'],
  cells: (entry: WaitlistEntry) => [
    entry.email,
    entry.name,
    entry.status,
    entry.code,
    entry.referrals,
    entry.joinedAt.toISOString(),
    JSON.stringify(entry.metadata),
  ],
  document: toEntryResponse,
};
