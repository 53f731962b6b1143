import type { ArrivalToClassify } from './arrival.ts';
import { considerChannels, type ConsideredChannel } from './channel.ts';
import { finishSource } from './classify.ts';
import type { Draft } from './draft.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';
import { explainReferrer } from './explain-referrer.ts';
import { reasonOfMismatch, stageReasons } from './source-reasons.ts';
import type { ClassifiedSource } from './source.ts';
import { stages, type Stage } from './stages.ts';

export interface SourceExplanation {
  readonly source: ClassifiedSource;
  /** Every rule that was asked, the strongest first. */
  readonly rules: readonly ConsideredRule[];
  /** The rules of the channel in their order, up to the one that matched. */
  readonly channels: readonly ConsideredChannel[];
}

export interface ConsideredRule {
  /** `workspace.<name>`, `link`, `paid_click_id`, `utm` … */
  readonly rule: string;
  /**
   * `decided`: the source is kept under this rule. `added`: a stronger one decided, but some fields come from here.
   * `overruled`: it had something to say, and nothing of it stayed. `not_matched`: it had not.
   */
  readonly outcome: 'decided' | 'added' | 'overruled' | 'not_matched';
  readonly reason: string;
  /** The fields of the source that come from here. */
  readonly gave: readonly string[];
}

export type ArrivalToExplain = Omit<ArrivalToClassify, 'landing'> & {
  /** @default true unless a link was clicked */
  readonly landing?: boolean;
};

/** Says where an arrival came from, as `classifySource` does, and why every rule did or did not decide. */
export function explainSource(given: ArrivalToExplain): SourceExplanation {
  const arrival = { ...given, landing: given.landing ?? given.link === undefined };
  const evidence = gatherEvidence(arrival);
  const steps: Step[] = [{ name: 'referrer', before: undefined, after: evidence.byReferrer }];
  let draft = evidence.byReferrer;
  for (const { name, weigh } of stages) {
    const before = draft;
    draft = weigh(before, evidence);
    steps.push({ name, before, after: draft });
  }
  const source = finishSource(draft, evidence.rules.version);
  const verdicts = judge(steps, source);
  return {
    source,
    rules: [
      ...order.flatMap((name) => narrate(name, verdicts, evidence)),
      narrateDirect(verdicts, evidence),
    ],
    channels: explainChannel(draft, source),
  };
}

type StepName = Stage['name'] | 'referrer';

interface Step {
  readonly name: StepName;
  readonly before: Draft | undefined;
  readonly after: Draft;
}

type Verdict = Pick<ConsideredRule, 'outcome' | 'gave'>;
type Verdicts = ReadonlyMap<StepName, Verdict>;

/** The strongest first. A referrer keeps an in-app browser from being asked. */
const order: readonly StepName[] = [
  'workspace',
  'link',
  'paid_click_id',
  'utm',
  'unpaid_click_id',
  'partner',
  'referrer',
  'in_app_browser',
];

const fields = [
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'channel',
  'clickIdType',
  'platform',
  'referrerHost',
  'partnerKey',
] as const;

/** The last step that named its rule decided, and each field comes from the last step that set it. */
function judge(steps: readonly Step[], source: ClassifiedSource): Verdicts {
  const decider = steps.findLast(({ before, after }) => before?.rule !== after.rule);
  const givers = fields
    .filter((field) => source[field] !== undefined)
    .map((field) => ({
      field,
      giver: steps.findLast(({ before, after }) => before?.[field] !== after[field]),
    }));
  const verdicts = steps.map((step) => {
    const gave = givers.filter(({ giver }) => giver === step).map(({ field }) => field);
    return [step.name, { outcome: outcomeOf(step, step === decider, gave), gave }] as const;
  });
  return new Map(verdicts);
}

function outcomeOf(
  { before, after }: Step,
  decided: boolean,
  gave: readonly string[],
): ConsideredRule['outcome'] {
  if (decided) return 'decided';
  if (before === after) return 'not_matched';
  return gave.length > 0 ? 'added' : 'overruled';
}

const silent: Verdict = { outcome: 'not_matched', gave: [] };

function narrate(name: StepName, verdicts: Verdicts, evidence: Evidence): ConsideredRule[] {
  const verdict = verdicts.get(name) ?? silent;
  if (name === 'workspace') return narrateWorkspaceRules(verdict, evidence);
  if (name === 'referrer') return narrateReferrer(verdict, evidence);
  return [{ rule: name, ...verdict, reason: stageReasons[name](evidence) }];
}

function narrateWorkspaceRules(verdict: Verdict, evidence: Evidence): ConsideredRule[] {
  const { matched, rules, facts } = evidence;
  const position = matched === undefined ? Infinity : rules.rules.indexOf(matched);
  const considered = rules.rules.map((rule, index): ConsideredRule => {
    const name = `workspace.${rule.rule.name}`;
    if (index > position)
      return { rule: name, ...silent, reason: 'not asked: a rule before it matched' };
    const mismatch = reasonOfMismatch(rule, facts);
    if (mismatch !== undefined) return { rule: name, ...silent, reason: mismatch };
    const reason =
      verdict.outcome === 'not_matched'
        ? 'its conditions hold, but a move inside the site is no arrival'
        : 'its conditions hold';
    return { rule: name, ...verdict, reason };
  });
  if (considered.length > 0) return considered;
  return [{ rule: 'workspace', ...silent, reason: 'the workspace has no rules of its own' }];
}

function narrateReferrer(verdict: Verdict, evidence: Evidence): ConsideredRule[] {
  return explainReferrer(evidence).map(({ rule, matched, reason }) => ({
    rule,
    ...(matched ? verdict : silent),
    reason,
  }));
}

/** An arrival of which nothing is known is direct: the referrer's step began with that. */
function narrateDirect(verdicts: Verdicts, { byReferrer }: Evidence): ConsideredRule {
  const verdict = verdicts.get('referrer') ?? silent;
  const isDirect = byReferrer.kind === 'direct' && verdict.outcome === 'decided';
  const reason = isDirect
    ? 'nothing says where the arrival came from'
    : 'not asked: something else says where the arrival came from';
  return { rule: 'direct', ...(isDirect ? verdict : silent), reason };
}

function explainChannel(draft: Draft, { channel, rule }: ClassifiedSource): ConsideredChannel[] {
  if (draft.kind === 'internal')
    return [{ channel, matched: true, reason: 'a move inside the site counts as direct' }];
  if (draft.channel !== undefined)
    return [{ channel, matched: true, reason: `${rule} names the channel` }];
  return considerChannels(draft, draft.category);
}
