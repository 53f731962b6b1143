import {
  channelRules,
  unassignedChannel,
  type ChannelCondition,
  type ChannelField,
  type ChannelRule,
} from './data/channels.ts';
import type { HostCategory } from './known-host.ts';
import type { Source } from './source.ts';
import { categoryOfTag } from './tagged-source.ts';

/** What channels are decided by. */
export type ChannelInput = { readonly [Field in ChannelField]?: Source[Field] | undefined };

/**
 * The list that the source is in, where the caller has looked it up; `unlisted` where it is in none. Without it the
 * source is looked up by its name.
 */
export type KnownCategory = HostCategory | 'unlisted' | undefined;

/** The channel of an arrival, by GA4's default rules in their order. */
export function channelOf(input: ChannelInput, category?: KnownCategory): string {
  const facts = factsOf(input, category);
  for (const rule of channelRules) if (unmetGroup(rule, facts) === undefined) return rule.channel;
  return unassignedChannel;
}

export interface ConsideredChannel {
  readonly channel: string;
  readonly matched: boolean;
  readonly reason: string;
}

/** The same, with every rule that was tried and why it did not match; the last one is the answer. */
export function considerChannels(
  input: ChannelInput,
  category?: KnownCategory,
): ConsideredChannel[] {
  const facts = factsOf(input, category);
  const considered: ConsideredChannel[] = [];
  for (const { channel, all } of channelRules) {
    const unmet = unmetGroup({ channel, all }, facts);
    if (unmet === undefined) {
      const met = all.map(
        (group) => group.find((condition) => holds(condition, facts)) ?? group[0],
      );
      const reason = met.map((condition) => describe(condition, facts)).join(', and ');
      return [...considered, { channel, matched: true, reason }];
    }
    const reason = unmet.map((condition) => describe(condition, facts)).join(', and ');
    considered.push({ channel, matched: false, reason });
  }
  return [...considered, { channel: unassignedChannel, matched: true, reason: 'no rule matched' }];
}

interface Facts {
  readonly source: string;
  readonly medium: string;
  readonly campaign: string;
  readonly platform: string;
  readonly category: HostCategory | 'unlisted';
}

function factsOf(input: ChannelInput, category: KnownCategory): Facts {
  const source = input.source?.toLowerCase() ?? '';
  return {
    source,
    medium: input.medium?.toLowerCase() ?? '',
    campaign: input.campaign?.toLowerCase() ?? '',
    platform: input.platform ?? '',
    category: category ?? categoryOfTag(source) ?? 'unlisted',
  };
}

/** The first group of which no condition holds. */
function unmetGroup({ all }: ChannelRule, facts: Facts): readonly ChannelCondition[] | undefined {
  for (const group of all) {
    let met = false;
    for (const condition of group) met ||= holds(condition, facts);
    if (!met) return group;
  }
  return undefined;
}

function holds(condition: ChannelCondition, facts: Facts): boolean {
  if ('list' in condition) return (condition.list as readonly string[]).includes(facts.category);
  const value = facts[condition.field];
  if ('is' in condition) return condition.is.has(value);
  return 'isNot' in condition ? !condition.isNot.has(value) : condition.matches.test(value);
}

const listNames: Readonly<Record<HostCategory, string>> = {
  search: 'search engines',
  social: 'social networks',
  messaging: 'messengers',
  ai: 'AI assistants',
  email: 'webmail',
  video: 'video sites',
  shopping: 'shopping sites',
  payment: 'payment providers',
  sign_in: 'sign-in providers',
};

/** Says of a condition how it turned out: `medium "email" is none of display, banner`. */
function describe(condition: ChannelCondition | undefined, facts: Facts): string {
  if (condition === undefined) return '';
  if ('list' in condition) {
    const lists = condition.list.map((list) => listNames[list]).join(' or ');
    const not = holds(condition, facts) ? '' : 'not ';
    return `${subject('source', facts)} is ${not}in the list of ${lists}`;
  }
  const named = subject(condition.field, facts);
  if ('matches' in condition) {
    const verb = holds(condition, facts) ? 'matches' : 'does not match';
    return `${named} ${verb} ${String(condition.matches)}`;
  }
  const words = 'is' in condition ? condition.is : condition.isNot;
  const has = words.has(facts[condition.field]);
  const listed = [...words].filter((word) => word !== '');
  return listed.length === 1
    ? `${named} is ${has ? '' : 'not '}${listed[0]}`
    : `${named} is ${has ? 'one' : 'none'} of ${listed.join(', ')}`;
}

function subject(field: ChannelField, facts: Facts): string {
  return facts[field] === '' ? `an absent ${field}` : `${field} "${facts[field]}"`;
}
