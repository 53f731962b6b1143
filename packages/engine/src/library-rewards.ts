import { idOf } from './invitations/get-invitation.ts';
import type { InWorkspace, On, ReadIn, WriteIn } from './library-scope.ts';
import {
  archiveRewardRule,
  createRewardRule,
  getRewardRule,
  listRewardRules,
  listRuleVersions,
  updateRewardRule,
} from './rewards/change-reward-rule.ts';
import type { CreateRewardRuleInput, RewardRuleFields } from './rewards/change-reward-rule.ts';
import { getReward, listRewards, rewardTotals } from './rewards/list-rewards.ts';
import type { ListRewardsInput, RewardQuery } from './rewards/list-rewards.ts';
import { settleRewards } from './rewards/settle-rewards.ts';

type Named = string | { readonly id: string };

/** `hw.referrals.rewards`. */
export function createRewardCalls(on: On) {
  return {
    /** Makes a rule; it counts for what happens from now on. */
    createRule: (input: CreateRewardRuleInput, options?: WriteIn) =>
      on(options, (scope, workspace) => createRewardRule(scope, workspace, input, options)),
    /** Makes the next version of a rule. */
    updateRule: (rule: Named, fields: RewardRuleFields, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        updateRewardRule(scope, workspace, idOf(rule) ?? '', fields, options),
      ),
    /** Ends a rule; what it gave stays. */
    archiveRule: (rule: Named, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        archiveRewardRule(scope, workspace, idOf(rule) ?? '', options),
      ),
    /** A rule by its id. */
    getRule: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getRewardRule(scope, workspace, id)),
    /** As they are now, newest first. */
    rules: (input: { readonly archived?: boolean } = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listRewardRules(scope, workspace, input)),
    /** Oldest first. */
    ruleVersions: (rule: Named, options?: ReadIn) =>
      on(options, (scope, workspace) => listRuleVersions(scope, workspace, idOf(rule) ?? '')),
    /** Newest first. */
    list: (input: ListRewardsInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listRewards(scope, workspace, input)),
    /** A reward by its id. */
    get: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getReward(scope, workspace, id)),
    /** What was given and what is left of it, by side and unit. */
    totals: (input: RewardQuery = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => rewardTotals(scope, workspace, input)),
    /** Writes what is due now, instead of a moment later in the background. */
    settle: (options?: InWorkspace) =>
      on(options, (scope, workspace) => settleRewards(scope, workspace)),
  };
}
