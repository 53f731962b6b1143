import type { On, ReadIn, WriteIn } from './library-scope.ts';
import { findPlace } from './waitlist/find-place.ts';
import type { WaitlistReference } from './waitlist/find-place.ts';
import { inviteNext } from './waitlist/invite-next.ts';
import type { InviteNextInput } from './waitlist/invite-next.ts';
import { joinWaitlist } from './waitlist/join-waitlist.ts';
import type { JoinWaitlistInput } from './waitlist/join-waitlist.ts';
import { leaveWaitlist } from './waitlist/leave-waitlist.ts';
import { exportWaitlist, listWaitlist } from './waitlist/list-waitlist.ts';
import type { ListWaitlistInput } from './waitlist/list-waitlist.ts';

/** `hw.waitlist`. */
export function createWaitlistCalls(on: On) {
  return {
    /** Puts an address on the list, once; who joins with somebody's code moves them up. */
    join: (input: JoinWaitlistInput, options?: WriteIn) =>
      on(options, (scope, workspace) => joinWaitlist(scope, workspace, input, options)),
    /** Where somebody stands: by id, address, or the code that they pass on. */
    position: (
      reference: WaitlistReference & { readonly address?: string | undefined },
      options?: ReadIn,
    ) => on(options, (scope, workspace) => findPlace(scope, workspace, reference, options)),
    /** Invites those who come next, or whom you name. The tokens are on this answer only. */
    invite: (input: InviteNextInput, options?: WriteIn) =>
      on(options, (scope, workspace) => inviteNext(scope, workspace, input, options)),
    /** Takes somebody off the list, with address, name and metadata. */
    leave: (reference: WaitlistReference, options?: WriteIn) =>
      on(options, (scope, workspace) => leaveWaitlist(scope, workspace, reference, options)),
    /** In the order in which they are invited. */
    list: (input: ListWaitlistInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listWaitlist(scope, workspace, input)),
    /** Every entry in the same order, page by page while they are taken. */
    export: (input: Pick<ListWaitlistInput, 'status'> = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => Promise.resolve(exportWaitlist(scope, workspace, input))),
  };
}
