import type { Evidence } from './evidence.ts';

/** One rule of the referrer, and how it turned out. */
export interface ReferrerRule {
  readonly rule: string;
  readonly matched: boolean;
  readonly reason: string;
}

/** The rules of the referrer in their order. None of them matches where there is none that can be read. */
export function explainReferrer({ arrival, byReferrer }: Evidence): ReferrerRule[] {
  const { referrer = '' } = arrival;
  const { referrerHost: host, rule: decision, source, category } = byReferrer;
  if (host === undefined) {
    const reason =
      referrer === ''
        ? 'there is no referrer'
        : 'the referrer is no address of the web or of an app';
    return referrerRules.map(({ rule }) => ({ rule, matched: false, reason }));
  }
  const matched = referrerRules.findIndex(({ decides }) => decides(decision));
  return referrerRules.map(({ rule, yes, no }, index) => {
    if (index > matched)
      return { rule, matched: false, reason: 'not asked: a rule before it matched' };
    const list = rule === 'listed_host' ? ` (${category}: ${source})` : '';
    const reason = index === matched ? `${host} ${yes}${list}` : `${host} ${no}`;
    return { rule, matched: index === matched, reason };
  });
}

const referrerRules = [
  {
    rule: 'own_host',
    decides: (decision: string) => decision === 'own_host',
    yes: "is one of the site's own hosts",
    no: "is none of the site's own hosts",
  },
  {
    rule: 'payment_provider',
    decides: (decision: string) => decision === 'payment_provider',
    yes: "is a payment provider's, from where people come back",
    no: "is no payment provider's",
  },
  {
    rule: 'sign_in_provider',
    decides: (decision: string) => decision === 'sign_in_provider',
    yes: "is a sign-in provider's, from where people come back",
    no: "is no sign-in provider's",
  },
  {
    rule: 'listed_host',
    decides: (decision: string) => decision !== 'referrer.unlisted',
    yes: 'is in a list of ours',
    no: 'is in no list of ours',
  },
  { rule: 'unlisted_host', decides: () => true, yes: 'refers in its own name', no: '' },
] as const;
