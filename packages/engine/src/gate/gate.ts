import { second } from '../kernel/clock.ts';
import { without } from '../kernel/without.ts';
import type { Entity, EntityInput } from '../invitations/entity.ts';
import type { ReferralSettings } from '../referrals/referral-settings.ts';

/** Who asks to come in: an account of the host's. */
export interface Account {
  /** `['user', user.id]` */
  readonly entity: EntityInput;
  /** When the account was made; without it nobody counts as having been there before. */
  readonly createdAt?: Date | undefined;
  /** Invitations to this address let in, as far as they do not want it verified. */
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  /** Whoever runs the product: never locked out, whatever the settings and whether the database answers. */
  readonly isOperator?: boolean | undefined;
}

/** A note that an account was let in. The first one stays as it is. */
export interface Admission {
  readonly entity: Entity;
  /** `code`, `invitation`, `past_redemption`, or the host's own word. */
  readonly via: string;
  readonly admittedAt: Date;
}

export type GateDecision =
  | {
      readonly admitted: true;
      /** What lets it in. */
      readonly by:
        | 'open'
        | 'anonymous'
        | 'operator'
        | 'grandfathered'
        | 'pending_invitation'
        | 'admission';
      readonly admission?: Admission | undefined;
    }
  | {
      readonly admitted: false;
      /** `unavailable`: nobody could tell now, so nobody is let in. */
      readonly reason: 'parked' | 'unavailable';
    };

/** How the gate of a workspace stands. */
export interface Gate {
  readonly required: boolean;
  /** Since when it is shut; accounts that are no younger were there before. */
  readonly since: Date | undefined;
  readonly grandfather: boolean;
}

/** What of a workspace decides. */
export interface GateSettings {
  readonly referrals?: ReferralSettings;
  readonly gate?: { readonly since: string };
}

/** The gate is shut while referral codes are on and required. */
export function gateOf(workspace: {
  readonly settings: GateSettings;
  readonly updatedAt: Date;
}): Gate {
  const { referrals, gate } = workspace.settings;
  const required = isShut(workspace.settings);
  return {
    required,
    grandfather: referrals?.grandfather ?? true,
    // Settings that were made without the change of one have none.
    since: required ? (gate === undefined ? workspace.updatedAt : new Date(gate.since)) : undefined,
  };
}

/**
 * Notes when the gate was shut, once for each time: settings that leave it shut leave the moment too, opening it forgets
 * it. What a caller says of it counts for nothing.
 */
export function stampGate<Settings extends GateSettings>(
  before: { readonly settings: GateSettings; readonly updatedAt: Date },
  settings: Settings,
  now: Date,
): Settings {
  const rest = without(settings, 'gate');
  if (!isShut(settings)) return rest as Settings;
  const since = gateOf(before).since ?? now;
  return { ...rest, gate: { since: since.toISOString() } } as Settings;
}

/** Whether the account was there when the gate was shut, to the second: many hosts keep no more. */
export function isGrandfathered(gate: Gate, createdAt: Date | undefined): boolean {
  if (!gate.grandfather || gate.since === undefined || createdAt === undefined) return false;
  // An invalid date is not at or before anything.
  return toSecond(createdAt) <= toSecond(gate.since);
}

function toSecond(at: Date): number {
  return Math.floor(at.getTime() / second);
}

function isShut({ referrals }: GateSettings): boolean {
  return (referrals?.enabled ?? true) && referrals?.required === true;
}
