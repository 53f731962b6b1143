import type { Headwater } from '../engine.ts';
import type { CreatedInvitation } from '../invitations/create-invitation.ts';
import { orThrow } from '../kernel/result.ts';
import type { Link } from '../links/link.ts';
import type { ReferralCode } from '../referrals/referral-code.ts';
import type { TestClock } from './index.ts';

/** What a host's tests need again and again, each made when it is asked for. */
export interface Fixtures {
  /** Three invitations as they are at the moment of the clock; what has expired did so a day ago. */
  invitations(): Promise<{
    readonly valid: CreatedInvitation;
    readonly expired: CreatedInvitation;
    readonly permanent: CreatedInvitation;
  }>;
  /** A short link on the first of `links.domains`. */
  link(url?: string): Promise<Link>;
  /** A referral code of a user. */
  referralCode(creatorId?: string): Promise<ReferralCode>;
  /** The text of a secret API key with these scopes. */
  apiKey(...scopes: readonly Scope[]): Promise<string>;
  /** A person whom the application knows by this id, with the visitor cookie of their browser. */
  visitor(externalId?: string): Promise<{ readonly id: string; readonly cookie: string }>;
}

type Scope = NonNullable<Parameters<Headwater['apiKeys']['create']>[0]['scopes']>[number];

let visitors = 0;

export function createFixtures(hw: Headwater, clock: TestClock): Fixtures {
  return {
    async invitations() {
      const now = clock.now();
      // Made in the past, because nobody can make one that is over.
      clock.set(new Date(now - 2 * 86_400_000));
      const expired = orThrow(
        await hw.invitations.create({ name: 'Expired', expiresIn: { days: 1 } }),
      );
      clock.set(new Date(now));
      return {
        valid: orThrow(await hw.invitations.create({ name: 'Valid' })),
        expired,
        permanent: orThrow(await hw.invitations.create({ name: 'Permanent', expiresIn: null })),
      };
    },
    async link(url = 'https://example.com/') {
      const [domain] = hw.options.links?.domains ?? [];
      return orThrow(await hw.links.create({ url, ...(domain !== undefined && { domain }) }));
    },
    async referralCode(creatorId = 'user_1') {
      return orThrow(await hw.referrals.createCode({ creatorId }));
    },
    async apiKey(...scopes) {
      const kind = 'secret';
      const fields = scopes.length === 0 ? {} : { scopes };
      return orThrow(await hw.apiKeys.create({ kind, name: 'test', ...fields })).key;
    },
    async visitor(externalId = `user_${(visitors += 1)}`) {
      const token = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
      const { visitor } = orThrow(await hw.visitors.identify({ externalId, anonymousId: token }));
      return { id: visitor!.id, cookie: `_hw_visitor=${token}` };
    },
  };
}
