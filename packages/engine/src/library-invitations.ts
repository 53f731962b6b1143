import { archiveInvitation } from './invitations/archive-invitation.ts';
import {
  extendInvitation,
  removeInvitationExpiry,
  setInvitationExpiry,
} from './invitations/change-expiry.ts';
import type { ExpiryInput, ExtendOptions } from './invitations/change-expiry.ts';
import { changeInvitationStatus } from './invitations/change-status.ts';
import { cleanUpInvitations } from './invitations/clean-up-invitations.ts';
import type { CleanUpInput } from './invitations/clean-up-invitations.ts';
import { createInvitation } from './invitations/create-invitation.ts';
import type { CreateInvitationInput } from './invitations/create-invitation.ts';
import { createInvitations } from './invitations/create-invitations.ts';
import type { EntityInput } from './invitations/entity.ts';
import { getInvitation, idOf } from './invitations/get-invitation.ts';
import type { InvitationReference } from './invitations/get-invitation.ts';
import { invitationUrl } from './invitations/invitation-url.ts';
import { listInvitations } from './invitations/list-invitations.ts';
import type { ListInvitationsInput } from './invitations/list-invitations.ts';
import { listUsages, listUsagesByEntity } from './invitations/list-usages.ts';
import type { ListUsagesInput, UsageQuery } from './invitations/list-usages.ts';
import { redeemInvitation, releaseInvitation } from './invitations/redeem-invitation.ts';
import type { RedeemInvitationInput } from './invitations/redeem-invitation.ts';
import { renewInvitation } from './invitations/renew-invitation.ts';
import type { RenewInput } from './invitations/renew-invitation.ts';
import {
  countInvitationUsages,
  usageBreakdown,
  usageFunnel,
  wasUsedBy,
} from './invitations/summarise-usages.ts';
import type { BreakdownInput, FunnelInput } from './invitations/summarise-usages.ts';
import { trackUsage } from './invitations/track-usage.ts';
import type { TrackUsageInput } from './invitations/track-usage.ts';
import { updateInvitation } from './invitations/update-invitation.ts';
import type { InvitationChanges } from './invitations/invitation.ts';
import { validateInvitation } from './invitations/validate-invitation.ts';
import { withAttributes } from './invitations/with-attributes.ts';
import type { AttributesSchema } from './invitations/with-attributes.ts';
import { HeadwaterError } from './kernel/errors.ts';
import type { Guesser } from './limits/count-guess.ts';
import type { PageInput } from './kernel/page.ts';
import type { Period } from './kernel/period.ts';
import type { On, ReadIn, WriteIn } from './library-scope.ts';

/** `hw.invitations`. */
export function createInvitationCalls(on: On) {
  const calls = {
    /** Creates an invitation. The token is on this answer only. */
    create: (input: CreateInvitationInput = {}, options?: WriteIn) =>
      on(options, (scope, workspace) => createInvitation(scope, workspace, input, options)),
    /** Creates up to 500 at once; each has its own answer. */
    createMany: (inputs: readonly CreateInvitationInput[], options?: WriteIn) =>
      on(options, (scope, workspace) => createInvitations(scope, workspace, inputs, options)),
    /** An invitation by its id. */
    get: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getInvitation(scope, workspace, id)),
    /** The same, which throws where there is none. @throws {HeadwaterError} `invitation_not_found` */
    getOrThrow: async (id: string, options?: ReadIn) => {
      const found = await on(options, (scope, workspace) => getInvitation(scope, workspace, id));
      if (found !== undefined) return found;
      throw new HeadwaterError('invitation_not_found', 'Invitation not found');
    },
    /** Newest first and without the archived ones, unless something else is asked for. */
    list: (input: ListInvitationsInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listInvitations(scope, workspace, input)),
    /** The invitation of a token, if it lets somebody in now. Never consumes. */
    validate: (token: string, options: ReadIn & Guesser & { readonly signature?: string } = {}) =>
      on(options, (scope, workspace) => {
        const { signature, address, account } = options;
        return validateInvitation(
          scope,
          workspace,
          { token, signature, address, account },
          options,
        );
      }),
    /**
     * The address to send an invitation as: `base` with the token, and with its signature where it is signed.
     * @throws {HeadwaterError} `invalid_url`: the base is no address of http or https
     */
    url: (
      invitation: { readonly token: string; readonly signature?: string | undefined },
      base: string,
    ) => {
      const url = invitationUrl(base, invitation.token, invitation.signature);
      if (url !== undefined) return url;
      throw new HeadwaterError('invalid_url', 'The base must be an address of http or https');
    },
    /** Changes what is given; `null` empties a field. */
    update: <R extends InvitationReference>(
      invitation: R,
      changes: InvitationChanges,
      options?: WriteIn,
    ) =>
      on(options, (scope, workspace) =>
        updateInvitation(scope, workspace, invitation, changes, options),
      ),
    /** Moves the end, also of an expired one. */
    extend: <R extends InvitationReference>(
      invitation: R,
      by: Period,
      options?: WriteIn & ExtendOptions,
    ) =>
      on(options, (scope, workspace) =>
        extendInvitation(scope, workspace, invitation, by, options),
      ),
    /** Sets the end: an instant, or `{ in: { days: 30 } }`. */
    setExpiry: <R extends InvitationReference>(
      invitation: R,
      expiry: ExpiryInput,
      options?: WriteIn,
    ) =>
      on(options, (scope, workspace) =>
        setInvitationExpiry(scope, workspace, invitation, expiry, options),
      ),
    /** Lets it last for ever. */
    removeExpiry: <R extends InvitationReference>(invitation: R, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        removeInvitationExpiry(scope, workspace, invitation, options),
      ),
    /** Lets nobody in until it is resumed. */
    pause: <R extends InvitationReference>(invitation: R, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        changeInvitationStatus(scope, workspace, invitation, 'paused', options),
      ),
    /** Lets people in again. */
    resume: <R extends InvitationReference>(invitation: R, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        changeInvitationStatus(scope, workspace, invitation, 'active', options),
      ),
    /** Lets nobody in any more. */
    revoke: <R extends InvitationReference>(invitation: R, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        changeInvitationStatus(scope, workspace, invitation, 'revoked', options),
      ),
    /** The one who is invited says no. */
    decline: <R extends InvitationReference>(invitation: R, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        changeInvitationStatus(scope, workspace, invitation, 'declined', options),
      ),
    /** Gives it a new token, to send it again. The token is on this answer only. */
    renew: (invitation: InvitationReference, input: RenewInput = {}, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        renewInvitation(scope, workspace, invitation, input, options),
      ),
    /** Deletes it for whoever has the token; its history stays. */
    archive: (invitation: InvitationReference, options?: WriteIn) =>
      on(options, (scope, workspace) => archiveInvitation(scope, workspace, invitation, options)),
    /** Archives what has been expired for so long. */
    cleanUp: (input: CleanUpInput = {}, options?: WriteIn) =>
      on(options, (scope, workspace) => cleanUpInvitations(scope, workspace, input, options)),
    /** Takes a seat: the atomic step of a sign-up. */
    redeem: (
      tokenOrInvitation: string | { readonly id: string },
      input: RedeemInvitationInput,
      options?: WriteIn,
    ) =>
      on(options, (scope, workspace) =>
        redeemInvitation(scope, workspace, tokenOrInvitation, input, options),
      ),
    /** Gives the seat back. */
    release: (redemption: { readonly id: string } | string, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        releaseInvitation(scope, workspace, idOf(redemption) ?? '', options),
      ),
    /** Notes what an entity did, by token (a text) or by invitation (an object with its id). */
    track: (
      tokenOrInvitation: string | { readonly id: string },
      input: TrackUsageInput,
      options?: WriteIn,
    ) =>
      on(options, (scope, workspace) =>
        trackUsage(scope, workspace, tokenOrInvitation, input, options),
      ),
    /** Newest first. */
    usages: (invitation: InvitationReference, input: ListUsagesInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listUsages(scope, workspace, invitation, input)),
    /** The same, one row for each entity. */
    usagesByEntity: (
      invitation: InvitationReference,
      input: UsageQuery & Omit<PageInput, 'offset'> = {},
      options?: ReadIn,
    ) => on(options, (scope, workspace) => listUsagesByEntity(scope, workspace, invitation, input)),
    /** Whether an entity has done this, or anything, with it. */
    wasUsedBy: (
      invitation: InvitationReference,
      entity: EntityInput,
      action?: string,
      options?: ReadIn,
    ) => on(options, (scope, workspace) => wasUsedBy(scope, workspace, invitation, entity, action)),
    /** How many usages there are, or how many that the query finds. */
    countUsages: (invitation: InvitationReference, input: UsageQuery = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => countInvitationUsages(scope, workspace, invitation, input)),
    /** How many went from each action to the next. */
    funnel: (invitation: InvitationReference, input: FunnelInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => usageFunnel(scope, workspace, invitation, input)),
    /** By `entityType`, `action` or `metadata.<name>`. */
    breakdown: (invitation: InvitationReference, input: BreakdownInput, options?: ReadIn) =>
      on(options, (scope, workspace) => usageBreakdown(scope, workspace, invitation, input)),
  };
  return {
    ...calls,
    /** The same calls with attributes that a schema checks, going in and coming out. */
    withAttributes: <Schema extends AttributesSchema>(schema: Schema) =>
      withAttributes(calls, schema),
  };
}
