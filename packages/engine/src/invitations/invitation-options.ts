import type { Period } from '../kernel/period.ts';
import type { Secret } from '../security/keyring.ts';

/** How invitations work in this installation. */
export interface InvitationOptions {
  /**
   * Signs tokens, and is needed for that alone. Several with ids for rotation: the first one signs, all verify.
   * @default none: nothing can be signed
   */
  readonly signingSecret?: string | readonly Secret[];
  /** Characters of tokens that are made. @default 16 */
  readonly tokenLength?: number;
  /** How long an invitation lasts where nothing else is said; `null` for ever. @default { days: 7 } */
  readonly expiresIn?: Period | null;
  /** After how long an invitation that has expired is archived, once a day by `hw.start()`; `null` never. @default { days: 30 } */
  readonly cleanUpAfter?: Period | null;
  /** Whether every invitation needs a name. @default false */
  readonly nameRequired?: boolean;
  /** What may use invitations, for workspaces that do not say it themselves. @default ['user', 'company', 'device'] */
  readonly entityTypes?: readonly string[];
  /** What they may do, likewise. @default visited, registered and activated */
  readonly actions?: Readonly<Record<string, UsageAction>>;
}

/** What a workspace decides for itself. */
export type InvitationSettings = Pick<
  InvitationOptions,
  'expiresIn' | 'cleanUpAfter' | 'entityTypes' | 'actions'
>;

/** An action that is tracked on invitations. */
export interface UsageAction {
  /** Whether it counts as often as it happens, or once for each entity and invitation. @default false */
  readonly repeatable?: boolean;
  /** The event that it is: a registration is a conversion. @default 'invitation' */
  readonly event?: 'invitation' | 'registration';
  /** Whether it brings somebody, as a click does. @default false */
  readonly arrives?: boolean;
}

export const defaultEntityTypes: readonly string[] = ['user', 'company', 'device'];

export const defaultActions: Readonly<Record<string, UsageAction>> = {
  visited: { repeatable: true, arrives: true },
  registered: { event: 'registration' },
  activated: {},
};

export const defaultTokenLength = 16;
export const defaultExpiresIn: Period = { days: 7 };
export const defaultCleanUpAfter: Period = { days: 30 };
