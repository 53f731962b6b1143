import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { seedPartnerPatterns } from '../../../../test/support/partner-patterns.ts';
import type { PartnerPattern } from '../../../../test/support/partner-patterns.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { CommissionNow } from './list-commissions.ts';

let hw: TestHeadwater;
let patterns: readonly PartnerPattern[];
let byTrigger: Map<string, CommissionNow>;
beforeAll(async () => {
  hw = await createTestHeadwater({ links: { domains: ['go.test'] }, ownHosts: ['shop.test'] });
  patterns = await seedPartnerPatterns(hw);
  await hw.partners.commissions.settle();
  const { commissions } = orThrow(await hw.partners.commissions.list({ limit: 200 }));
  byTrigger = new Map(commissions.map((commission) => [commission.triggerId, commission]));
}, 180_000);
afterAll(() => hw.close());

describe('the seeded patterns', () => {
  it('are all found, held for review with evidence, and no innocent twin is flagged', () => {
    const found = patterns.map(({ name, kind, guilty, innocent }) => ({
      name,
      guilty: guilty.map((id) => {
        const commission = byTrigger.get(id);
        return {
          kinds: commission?.flags.map((flag) => flag.kind),
          hasEvidence: commission?.flags.every(({ evidence }) => Object.keys(evidence).length > 0),
          status: commission?.status,
          net: commission?.netMinor,
        };
      }),
      innocent: innocent.map((id) => {
        const { flags, status, netMinor } = byTrigger.get(id) ?? {};
        return { flags, status, netMinor };
      }),
      kind,
    }));
    expect(found).toEqual(
      patterns.map(({ name, kind, guilty, innocent }) => ({
        name,
        guilty: guilty.map(() => ({
          kinds: [kind],
          hasEvidence: true,
          status: 'review',
          net: 0n,
        })),
        innocent: innocent.map(() => ({ flags: [], status: 'held', netMinor: 1000n })),
        kind,
      })),
    );
  });

  it('earn when a reviewer approves, nothing when one rejects, and the other way round again', async () => {
    const [one] = patterns[0]!.guilty.map((id) => byTrigger.get(id)!);
    const decide = async (decision: 'approved' | 'rejected') =>
      orThrow(
        await hw.partners.commissions.decide(one!, { decision, note: 'looked' }, { actor: 'eve' }),
      );
    expect(await decide('approved')).toMatchObject({
      status: 'held',
      netMinor: 1000n,
      decidedBy: 'eve',
      note: 'looked',
      flags: [{ kind: 'self_referral' }],
    });
    expect(await decide('rejected')).toMatchObject({ status: 'rejected', netMinor: 0n });
    expect(await decide('approved')).toMatchObject({ status: 'held', netMinor: 1000n });
    const { entries } = orThrow(await hw.ledger.entries({ referenceId: one!.id }));
    expect(entries.map(({ amountMinor }) => amountMinor)).toEqual([1000n, -1000n, 1000n]);
  });
});
