import { ApiError } from '@headwater/client/api';

import { AuthFault } from '../auth/auth-fault.ts';
import { t } from '../messages/messages.ts';

/** What went wrong, for people: the server's own words where it has answered. */
export function faultMessage(fault: unknown): string {
  if (fault instanceof ApiError || fault instanceof AuthFault) {
    const fields = Object.entries(fault.errors).map(
      ([field, messages]) => `${field} ${messages.join(', ')}`,
    );
    return fields.length > 0 ? fields.join('; ') : fault.message;
  }
  return t.states.unreachable;
}

/** The messages of a refused form by its fields. */
export function fieldErrors(fault: unknown): Record<string, string> {
  if (!(fault instanceof ApiError || fault instanceof AuthFault)) return {};
  return Object.fromEntries(
    Object.entries(fault.errors).map(([field, messages]) => [field, messages.join(', ')]),
  );
}
