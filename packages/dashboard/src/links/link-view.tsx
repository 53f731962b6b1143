import { Suspense, lazy } from 'react';

import { Anchor, Group, ScrollArea, Skeleton, Tabs } from '@mantine/core';
import { useParams, useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { LinkBadges } from './link-badges.tsx';
import { LinkHealth } from './link-health.tsx';
import { LinkHistory } from './link-history.tsx';
import { LinkMenu } from './link-menu.tsx';
import { LinkNumbers } from './link-numbers.tsx';
import { linkTabs } from './link-search.ts';
import type { LinkSearch } from './link-search.ts';
import { shortAddress } from './short-address.ts';

const LinkSimulator = lazy(() =>
  import('../routing/link-simulator.tsx').then(({ LinkSimulator: component }) => ({
    default: component,
  })),
);
const VariantResults = lazy(() =>
  import('../routing/variant-results.tsx').then(({ VariantResults: component }) => ({
    default: component,
  })),
);

/** One link: its numbers, where requests to it go, its test, and what was done to it. */
export function LinkView() {
  const { id = '' } = useParams({ strict: false });
  const search: LinkSearch = useSearch({ strict: false });
  const change = useSearchChange<LinkSearch>();
  const link = useRead('getLink', { id }, { keepsPrevious: false, refetchInterval: 10_000 });
  const may = useMay();
  const tab = search.tab ?? 'numbers';
  return (
    <Loaded query={link} height={600}>
      {(found) => (
        <Page
          title={shortAddress(found)}
          description={
            <Group gap={6}>
              <Anchor
                href={found.url}
                size="sm"
                rel="noreferrer"
                style={{ overflowWrap: 'anywhere' }}
              >
                {found.url}
              </Anchor>
              <LinkBadges link={found} />
            </Group>
          }
          actions={
            <>
              <CopyButton value={found.short_url} label={t.links.copyOf(shortAddress(found))} />
              {may.write && found.archived_at === null && (
                <LinkButton to="/links/$id/edit" params={{ id }} size="xs" variant="default">
                  {t.actions.edit}
                </LinkButton>
              )}
              <LinkMenu link={found} />
            </>
          }
        >
          <LinkHealth link={found} />
          <Tabs
            value={tab}
            onChange={(next) => {
              const chosen = linkTabs.find((name) => name === next);
              change({ tab: chosen === 'numbers' ? undefined : chosen });
            }}
            keepMounted={false}
          >
            <ScrollArea type="never">
              <Tabs.List mb="md" style={{ flexWrap: 'nowrap' }}>
                {linkTabs.map((name) => (
                  <Tabs.Tab key={name} value={name} style={{ whiteSpace: 'nowrap' }}>
                    {t.linkNumbers.tabs[name]}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
            </ScrollArea>
            <Suspense fallback={<Skeleton height={400} />}>
              <Tabs.Panel value="numbers">
                <LinkNumbers link={found} />
              </Tabs.Panel>
              <Tabs.Panel value="simulator">
                <LinkSimulator link={found} />
              </Tabs.Panel>
              <Tabs.Panel value="variants">
                <VariantResults link={found} />
              </Tabs.Panel>
              <Tabs.Panel value="history">
                <LinkHistory link={found} />
              </Tabs.Panel>
            </Suspense>
          </Tabs>
        </Page>
      )}
    </Loaded>
  );
}
