import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { VariantGoal } from './link-routing.ts';
import { findLink } from './link-store.ts';
import { linkNotFound } from './update-link.ts';
import { selectVariantConversions, selectVariantCounts } from './variant-store.ts';
import type { VariantConversion } from './variant-store.ts';
import { checkSplit, compareVariants, findWinner, winnerThreshold } from './variant-test.ts';
import type { ConvertedPerson } from './variant-bet.ts';
import type { Comparison, SplitCheck } from './variant-test.ts';

export interface VariantResult {
  readonly name: string;
  readonly url: string;
  readonly weight: number;
  readonly clicks: number;
  readonly people: number;
  /** Leads and sales that are credited to the link, without those that were taken back. */
  readonly conversions: number;
  /** Who has converted, each counted once. */
  readonly convertedPeople: number;
  /** In the workspace's currency, less refunds. */
  readonly revenueMinor: bigint;
  /** Of the people, from 0 to 1; 0 where nobody came. */
  readonly conversionRate: number;
  /** Minor units. */
  readonly revenuePerClick: number;
}

export interface VariantReport {
  readonly since: Date | null;
  readonly goal: VariantGoal;
  readonly currency: string;
  readonly variants: readonly VariantResult[];
  /** Better than all others; `null` as long as the data do not say so. It may be looked at as often as one likes. */
  readonly winner: string | null;
  readonly comparisons: readonly Comparison[];
  /** What the evidence against each of the others has to reach. */
  readonly threshold: number;
  /** Where it does not match, something loses or adds people, and the comparison means nothing. */
  readonly split: SplitCheck;
}

const conversionTypes = new Set(['lead', 'sale']);

/** What became of those whom a link has sent to its variants, since these are as they are. */
export async function linkVariants(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<VariantReport, Refusal & { readonly code: 'link_not_found' }>> {
  const { database } = context;
  const link = isUuid(id) ? await findLink(database.db, workspace.id, id) : undefined;
  if (link === undefined) return linkNotFound();
  const { variants = [], since, goal = 'conversions' } = link.routing ?? {};
  const { currency } = workspace;
  const scope = {
    workspaceId: workspace.id,
    linkId: link.id,
    since: new Date(since ?? link.createdAt),
  };
  const counts = await selectVariantCounts(database, scope);
  const conversions = await selectVariantConversions(database, scope);
  const results = variants.map((variant): VariantResult => {
    const { clicks = 0, people = 0 } = counts.find((one) => one.variant === variant.name) ?? {};
    const own = conversions.filter((conversion) => conversion.variant === variant.name);
    const counted = own.filter(isCounted);
    const convertedPeople = new Set(counted.map(({ personId }) => personId)).size;
    const revenueMinor = sumOf(own, currency);
    return {
      ...variant,
      clicks,
      people,
      conversions: counted.length,
      convertedPeople,
      revenueMinor,
      conversionRate: people === 0 ? 0 : convertedPeople / people,
      revenuePerClick: clicks === 0 ? 0 : Number(revenueMinor) / clicks,
    };
  });
  const comparisons = compareVariants(variants, firstOfEach(conversions, goal, currency), goal);
  const split = checkSplit(results);
  return ok({
    since: since === undefined ? null : new Date(since),
    goal,
    currency,
    variants: results,
    winner: split.matches ? (findWinner(variants, comparisons) ?? null) : null,
    comparisons,
    threshold: winnerThreshold(variants.length),
    split,
  });
}

function isCounted({ type, isRemoved }: VariantConversion): boolean {
  return conversionTypes.has(type) && !isRemoved;
}

function sumOf(conversions: readonly VariantConversion[], currency: string): bigint {
  return conversions
    .filter((one) => (one.reversesType ?? one.type) === 'sale' && one.currency === currency)
    .reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0n), 0n);
}

/** What of a person's first conversion counts, or of their first sale. Later ones are not independent of it. */
function firstOfEach(
  conversions: readonly VariantConversion[],
  goal: VariantGoal,
  currency: string,
): readonly ConvertedPerson[] {
  const known = new Set<string>();
  return conversions.flatMap((conversion): ConvertedPerson[] => {
    const { variant, personId, type, amountMinor } = conversion;
    if (!isCounted(conversion) || known.has(personId)) return [];
    if (goal === 'conversions') {
      known.add(personId);
      return [{ variant, value: 1 }];
    }
    if (type !== 'sale' || conversion.currency !== currency) return [];
    known.add(personId);
    return [{ variant, value: Number(amountMinor ?? 0n) }];
  });
}
