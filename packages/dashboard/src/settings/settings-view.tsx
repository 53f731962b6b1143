import { Tabs } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { AccountSettings } from '../auth/account-settings.tsx';
import { TeamSettings } from '../auth/team-settings.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ApiKeys } from './api-keys.tsx';
import { ChannelRules } from './channel-rules.tsx';
import { Domains } from './domains.tsx';
import { PrivacySettings } from './privacy-settings.tsx';
import { ReferralSettings } from './referral-settings.tsx';
import { settingsTabs } from './settings-search.ts';
import type { SettingsSearch } from './settings-search.ts';
import { WorkspaceForm } from './workspace-form.tsx';

const contents = {
  workspace: WorkspaceForm,
  domains: Domains,
  keys: ApiKeys,
  channels: ChannelRules,
  referrals: ReferralSettings,
  privacy: PrivacySettings,
  team: TeamSettings,
  account: AccountSettings,
} as const;

export function SettingsView() {
  const search: SettingsSearch = useSearch({ strict: false });
  const change = useSearchChange<SettingsSearch>();
  return (
    <Page title={t.nav.settings}>
      <Panel flush>
        <Tabs
          value={search.tab ?? 'workspace'}
          onChange={(next) =>
            change({
              tab: next === 'workspace' ? undefined : settingsTabs.find((name) => name === next),
            })
          }
          keepMounted={false}
        >
          <Tabs.List>
            {settingsTabs.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t.settings.tabs[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {settingsTabs.map((name) => {
            const Contents = contents[name];
            return (
              <Tabs.Panel key={name} value={name} p="md">
                <Contents />
              </Tabs.Panel>
            );
          })}
        </Tabs>
      </Panel>
    </Page>
  );
}
