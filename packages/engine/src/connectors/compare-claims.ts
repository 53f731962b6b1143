import type { Context } from '../context.ts';
import { goals, isGoal } from '../attribution/goal.ts';
import type { Goal } from '../attribution/goal.ts';
import { day } from '../kernel/clock.ts';
import type { Money } from '../kernel/money.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { sumClaims, sumCredits } from './claim-store.ts';
import type { ClaimedSum } from './claim-store.ts';
import { platformOfClick } from './click-signal.ts';

export interface ClaimsInput {
  /** When the conversions happened. @default 30 days before `to` */
  readonly from?: Date | undefined;
  /** @default now */
  readonly to?: Date | undefined;
  /** @default ['sale'] */
  readonly goals?: readonly Goal[] | undefined;
}

/** Conversions with their amounts before refunds, by currency. */
export interface ClaimTotals {
  readonly conversions: number;
  readonly revenue: readonly Money[];
}

export interface ClaimRow {
  readonly connector: string;
  /** What the platform was told with a click of its own: it counts all of these as its. */
  readonly claimed: ClaimTotals;
  /** Those of them that the journeys credit to a click of this platform too. */
  readonly confirmed: ClaimTotals;
  /** Everything that the journeys credit to clicks of this platform, told or not. */
  readonly credited: ClaimTotals;
}

export interface ClaimsReport {
  readonly from: Date;
  readonly to: Date;
  readonly goals: readonly Goal[];
  /** Every conversion of the period, once. */
  readonly total: ClaimTotals;
  readonly rows: readonly ClaimRow[];
}

/**
 * What each platform will claim in its own reports, against what the journeys say. Platforms claim each conversion whole
 * that follows a click of theirs within their window, so their claims add up to more than there was; a journey is credited
 * to one click, the last one before the conversion that was not direct.
 */
export async function compareClaims(
  context: Context,
  workspace: Workspace,
  input: ClaimsInput = {},
): Promise<Result<ClaimsReport, ValidationRefusal>> {
  const to = input.to ?? new Date(context.clock.now());
  const from = input.from ?? new Date(to.getTime() - 30 * day);
  const types = input.goals ?? ['sale'];
  const errors: Record<string, readonly string[]> = {};
  if (!(from.getTime() < to.getTime())) errors['from'] = ['must be before to'];
  if (!Array.isArray(types) || types.length === 0 || !types.every(isGoal))
    errors['goals'] = [`must be a list of at least one of ${goals.join(', ')}`];
  if (Object.keys(errors).length > 0) return refuseFields(errors);

  const { db } = context.database;
  const [claims, credits] = await Promise.all([
    sumClaims(db, workspace.id, { from, to, types }),
    sumCredits(db, workspace.id, { from, to, types }),
  ]);
  const connectors = [...new Set(claims.map(({ connector }) => connector))].sort();
  return ok({
    from,
    to,
    goals: types,
    total: totalsOf(credits),
    rows: connectors.map((connector) => {
      const claimed = claims.filter((row) => row.connector === connector);
      const platforms = new Set(claimed.map(({ matchedBy }) => platformOfClick(matchedBy)));
      const isOurs = ({ creditedClick }: Pick<ClaimedSum, 'creditedClick'>): boolean =>
        creditedClick !== undefined && platforms.has(platformOfClick(creditedClick));
      return {
        connector,
        claimed: totalsOf(claimed),
        confirmed: totalsOf(claimed.filter(isOurs)),
        credited: totalsOf(credits.filter(isOurs)),
      };
    }),
  });
}

function totalsOf(
  sums: ReadonlyArray<Pick<ClaimedSum, 'currency' | 'conversions' | 'amountMinor'>>,
): ClaimTotals {
  const revenue = new Map<string, bigint>();
  for (const { currency, amountMinor } of sums)
    if (currency !== undefined) revenue.set(currency, (revenue.get(currency) ?? 0n) + amountMinor);
  return {
    conversions: sums.reduce((sum, { conversions }) => sum + conversions, 0),
    revenue: [...revenue]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([currency, amountMinor]) => ({ currency, amountMinor })),
  };
}
