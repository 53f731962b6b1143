import { Tabs } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { FoldersList } from './folders-list.tsx';
import { labelTabs } from './labels-search.ts';
import type { LabelsSearch } from './labels-search.ts';
import { TagsList } from './tags-list.tsx';
import { TemplatesList } from './templates-list.tsx';

const lists = { folders: FoldersList, tags: TagsList, templates: TemplatesList };

/** What links are sorted by, and what new ones begin with. */
export function LabelsView() {
  const search: LabelsSearch = useSearch({ strict: false });
  const change = useSearchChange<LabelsSearch>();
  return (
    <Page
      title={t.linkLabels.title}
      description={t.linkLabels.intro}
      actions={
        <LinkButton to="/links" size="xs" variant="default">
          {t.nav.links}
        </LinkButton>
      }
    >
      <Tabs
        value={search.tab ?? 'folders'}
        onChange={(next) =>
          change({
            tab: next === 'folders' ? undefined : labelTabs.find((name) => name === next),
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {labelTabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t.linkLabels.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {labelTabs.map((name) => {
          const List = lists[name];
          return (
            <Tabs.Panel key={name} value={name}>
              <List />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
