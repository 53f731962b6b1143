/** `waiting`, `invited`, or `left`: by their own will, or forgotten. */
export const waitlistStatuses = ['waiting', 'invited', 'left'] as const;
export type WaitlistStatus = (typeof waitlistStatuses)[number];

/** How the waitlist of a workspace moves. */
export interface WaitlistSettings {
  /** How many places earlier somebody counts as having joined for each that they referred. @default 10 */
  readonly placesPerReferral?: number | undefined;
}

/** Somebody who waits to be invited. */
export interface WaitlistEntry {
  readonly id: string;
  /** `undefined` once they have left. */
  readonly email: string | undefined;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What they pass on: who joins with it moves them up. */
  readonly code: string;
  readonly status: WaitlistStatus;
  /** How many joined with their code. */
  readonly referrals: number;
  /** The entry that referred them. */
  readonly referredById: string | null;
  /** The invitation that they were sent. */
  readonly invitationId: string | null;
  readonly joinedAt: Date;
}

/** Where somebody stands: 1 is next. */
export interface WaitlistPlace {
  /** `undefined` for who does not wait any more. */
  readonly position: number | undefined;
  /** How many wait. */
  readonly waiting: number;
}

const defaultPlacesPerReferral = 10;

export function placesPerReferral(workspace: {
  readonly settings: { readonly waitlist?: WaitlistSettings };
}): number {
  return workspace.settings.waitlist?.placesPerReferral ?? defaultPlacesPerReferral;
}

/**
 * Whoever has referred some counts as having joined that many places earlier. Of equal ranks the later ordinal comes
 * first: it has come from further back.
 */
export function rankOf(ordinal: number, referrals: number, places: number): number {
  return ordinal - referrals * places;
}

const nameLengthMax = 255;

type Report = (field: string, problem: string | undefined) => void;

/** What is wrong with a name. */
export function checkName(name: unknown, report: Report): void {
  if (name === undefined || name === null) return;
  if (typeof name !== 'string' || name.trim() === '') report('name', "can't be blank");
  else if (name.length > nameLengthMax)
    report('name', `must have at most ${nameLengthMax} characters`);
}
