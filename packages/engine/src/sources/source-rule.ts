/** A rule of a workspace: where every condition holds, the arrival has what `set` says, and the rest stays. */
export interface SourceRule {
  /** Unique in the workspace; decisions are kept under it, as `workspace.<name>`. */
  readonly name: string;
  readonly when: readonly SourceCondition[];
  readonly set: SourceRuleResult;
}

/**
 * One test of an arrival; texts are compared without regard to case. It has one of `is`, `begins`, `ends`, `contains`
 * (any of their texts is enough) and `exists`.
 */
export interface SourceCondition {
  readonly field: SourceConditionField;
  /** Of the field `parameter`: which one of the query. */
  readonly name?: string | undefined;
  /** A host may be `*.example.com`: it and everything below. Click ids are named by their parameters: `gclid`. */
  readonly is?: readonly string[] | undefined;
  readonly begins?: readonly string[] | undefined;
  readonly ends?: readonly string[] | undefined;
  readonly contains?: readonly string[] | undefined;
  readonly exists?: boolean | undefined;
}

export const sourceConditionFields = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
  'referrer_host',
  'host',
  'path',
  'parameter',
  'click_id',
] as const;
export type SourceConditionField = (typeof sourceConditionFields)[number];

export const sourceConditionTests = ['is', 'begins', 'ends', 'contains', 'exists'] as const;

export const sourceRuleResults = [
  'source',
  'medium',
  'channel',
  'campaign',
  'content',
  'term',
] as const;
export type SourceRuleResult = {
  readonly [Field in (typeof sourceRuleResults)[number]]?: string | undefined;
};
