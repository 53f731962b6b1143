import { hostOf } from '../kernel/url.ts';
import { readArrivalParameters, type ArrivalParameters } from './arrival-parameters.ts';
import type { ArrivalToClassify, ClickedLink } from './arrival.ts';
import { classifyReferrer } from './classify-referrer.ts';
import type { Draft } from './draft.ts';
import { isOwnHost } from './own-host.ts';
import { cleanUtm, type Utm } from './utm.ts';
import {
  compileRules,
  findRule,
  type CompiledRule,
  type CompiledRules,
  type RuleFacts,
} from './workspace-rules.ts';

/** Everything that an arrival says, read once and not yet weighed. */
export interface Evidence {
  readonly arrival: ArrivalToClassify;
  readonly byReferrer: Draft;
  readonly found: ArrivalParameters;
  /** The tags of the link that was clicked. */
  readonly linkUtm: Utm;
  readonly rules: CompiledRules;
  readonly facts: RuleFacts;
  /** The workspace's rule that matches. */
  readonly matched: CompiledRule | undefined;
}

export function gatherEvidence(arrival: ArrivalToClassify): Evidence {
  const { url, referrer, landing, ownHosts, link } = arrival;
  const rules = compileRules(arrival.rules);
  const landingHost = landing && url !== undefined ? hostOf(url) : undefined;
  const byReferrer = classifyReferrer(referrer, (host) => isOwnHost(host, ownHosts, landingHost));
  const found = readArrivalParameters(url ?? '', rules.parameters);
  const linkUtm = link === undefined ? noUtm : utmOf(link);
  const facts: RuleFacts = {
    utm: link === undefined ? found.utm : { ...found.utm, ...linkUtm },
    referrerHost: byReferrer.referrerHost,
    url,
    parameters: found.wanted,
    hasClickId: found.clickId !== undefined,
  };
  const matched = rules.rules.length === 0 ? undefined : findRule(rules, facts);
  return { arrival, byReferrer, found, linkUtm, rules, facts, matched };
}

const noUtm: Utm = {};

function utmOf(link: ClickedLink): Utm {
  const utm: Utm = {};
  for (const [field, text] of [
    ['source', link.utmSource],
    ['medium', link.utmMedium],
    ['campaign', link.utmCampaign],
    ['content', link.utmContent],
    ['term', link.utmTerm],
  ] as const) {
    const value = text == null ? undefined : cleanUtm(field, text);
    if (value !== undefined) utm[field] = value;
  }
  return utm;
}
