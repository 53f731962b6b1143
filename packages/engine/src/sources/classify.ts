import type { ArrivalToClassify } from './arrival.ts';
import { channelOf } from './channel.ts';
import type { Draft } from './draft.ts';
import { gatherEvidence } from './evidence.ts';
import type { ClassifiedSource, Source } from './source.ts';
import { stages } from './stages.ts';

/**
 * Says where an arrival came from. From strong to weak: the workspace's own rules, own link, paid click id, UTM, unpaid
 * click id, partner parameter, referrer, in-app browser, direct. Any text is taken without throwing.
 */
export function classifySource(arrival: ArrivalToClassify): ClassifiedSource {
  const evidence = gatherEvidence(arrival);
  let draft = evidence.byReferrer;
  for (const stage of stages) draft = stage.weigh(draft, evidence);
  return finishSource(draft, evidence.rules.version);
}

/** The source without what is not known, and with its channel. */
export function finishSource(draft: Draft, rulesVersion: string): ClassifiedSource {
  const source: { -readonly [Field in keyof ClassifiedSource]: ClassifiedSource[Field] } = {
    channel: channelOfDraft(draft),
    confidence: draft.confidence,
    rule: draft.rule,
    rulesVersion,
    kind: draft.kind,
  };
  for (const field of optionalFields) {
    const value = draft[field];
    if (value !== undefined) source[field] = value;
  }
  return source;
}

/** Who comes back from the own site or a payment provider was there before: what GA4 counts as direct. */
function channelOfDraft(draft: Draft): string {
  return draft.kind === 'internal' ? 'Direct' : (draft.channel ?? channelOf(draft, draft.category));
}

const optionalFields = [
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'clickIdType',
  'platform',
  'referrerHost',
  'partnerKey',
] as const satisfies ReadonlyArray<keyof Source>;
