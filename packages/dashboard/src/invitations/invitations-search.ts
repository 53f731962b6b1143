import { readChoice, readPageNumber, readText } from '../report/report-search.ts';

export const invitationStatuses = ['active', 'paused', 'revoked', 'declined'] as const;

export interface InvitationsSearch {
  readonly q?: string;
  readonly status?: (typeof invitationStatuses)[number];
  readonly page?: number;
}

export function readInvitationsSearch(search: Record<string, unknown>): InvitationsSearch {
  const q = readText(search['q']);
  const status = readChoice(search['status'], invitationStatuses);
  const page = readPageNumber(search['page']);
  return {
    ...(q !== undefined && { q }),
    ...(status !== undefined && { status }),
    ...(page !== undefined && { page }),
  };
}
