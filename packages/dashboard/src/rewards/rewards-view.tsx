import { SegmentedControl } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { RewardsList } from './rewards-list.tsx';
import type { RewardsSearch } from './rewards-search.ts';
import { RulesList } from './rules-list.tsx';

/** What referrals earn, and by which rules. */
export function RewardsView() {
  const search: RewardsSearch = useSearch({ strict: false });
  const change = useSearchChange<RewardsSearch>();
  return (
    <Page
      title={t.nav.rewards}
      description={t.rewards.intro}
      actions={
        <LinkButton to="/ledger" size="xs" variant="default">
          {t.ledger.title}
        </LinkButton>
      }
    >
      <SegmentedControl
        aria-label={t.attribution.show}
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'rewards', label: t.nav.rewards },
          { value: 'rules', label: t.rewards.rules },
        ]}
        value={search.tab ?? 'rewards'}
        onChange={(tab) => change({ tab: tab === 'rules' ? 'rules' : undefined, page: undefined })}
      />
      {search.tab === 'rules' ? <RulesList /> : <RewardsList />}
    </Page>
  );
}
