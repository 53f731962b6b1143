import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { t } from '../messages/messages.ts';
import { AccountSettings } from '../auth/account-settings.tsx';
import { TeamSettings } from '../auth/team-settings.tsx';
import { useMay } from '../session/use-may.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ApiKeys } from './api-keys.tsx';
import { AuditLog } from './audit-log.tsx';
import { ChannelRules } from './channel-rules.tsx';
import { DataSettings } from './data-settings.tsx';
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
  data: DataSettings,
  team: TeamSettings,
  audit: AuditLog,
  account: AccountSettings,
} as const;

/** What only owners and admins may read. */
const managed: readonly string[] = ['keys', 'audit'];

export function SettingsView() {
  const search: SettingsSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const may = useMay();
  const tabs = settingsTabs.filter((name) => may.manage || !managed.includes(name));
  return (
    <Page title={t.nav.settings}>
      <Panel flush>
        <Tabs
          value={search.tab ?? 'workspace'}
          // The filters of one tab say nothing of another.
          onChange={(tab) =>
            void navigate({ to: '/settings', search: { tab: tab ?? 'workspace' } as never })
          }
          keepMounted={false}
        >
          <Tabs.List>
            {tabs.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t.settings.tabs[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tabs.map((name) => {
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
