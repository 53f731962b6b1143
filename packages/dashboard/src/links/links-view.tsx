import type { LinkResponse } from '@headwater/client/api';
import { Group, SegmentedControl, Select } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { archivedChoices, linkSorts, linkTypes } from './links-search.ts';
import type { LinksSearch } from './links-search.ts';
import { LinksTable } from './links-table.tsx';

export function LinksView() {
  const search: LinksSearch = useSearch({ strict: false });
  const change = useSearchChange<LinksSearch>();
  const api = useApi();
  const question = {
    ...(search.q !== undefined && { search: search.q }),
    ...(search.type !== undefined && { link_type: search.type }),
    archived: search.archived ?? ('without' as const),
    sort: search.sort ?? ('created_at' as const),
    order: search.order ?? ('desc' as const),
  };
  const links = useRead('listLinks', { ...question, ...pageWindow(search.page) });
  const isNarrowed =
    search.q !== undefined || search.type !== undefined || search.archived !== undefined;

  return (
    <Page
      title={t.nav.links}
      description={t.links.intro}
      actions={
        <>
          <RowsExport
            fileName="links.csv"
            columns={exported}
            read={() => api.items('listLinks', { ...question, limit: 200 })}
          />
          <LinkButton to="/links/new" size="xs">
            {t.links.create}
          </LinkButton>
        </>
      }
    >
      <Group gap="sm">
        <SearchField
          label={t.links.search}
          value={search.q}
          onChange={(q) => change({ q, page: undefined }, { replace: true })}
        />
        <Select
          aria-label={t.links.type}
          placeholder={t.links.anyType}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          w={150}
          data={linkTypes.map((type) => ({ value: type, label: t.linkTypes[type] }))}
          value={search.type ?? null}
          onChange={(type) => change({ type: type ?? undefined, page: undefined })}
        />
        <SegmentedControl
          aria-label={t.links.archivedLabel}
          size="xs"
          data={archivedChoices.map((value) => ({ value, label: t.links.archivedChoices[value] }))}
          value={search.archived ?? 'without'}
          onChange={(value) =>
            change({
              archived: value === 'without' ? undefined : value,
              page: undefined,
            })
          }
        />
      </Group>
      <Panel flush>
        <Loaded
          query={links}
          height={500}
          empty={
            <EmptyState
              icon={IconLink}
              title={isNarrowed ? t.states.noMatch : t.links.emptyTitle}
              action={
                isNarrowed ? undefined : <LinkButton to="/links/new">{t.links.create}</LinkButton>
              }
            >
              {isNarrowed ? t.states.noMatchHint : t.links.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => (
            <>
              <LinksTable
                links={rows.slice(0, pageSize)}
                sorting={{ by: search.sort ?? 'created_at', order: search.order ?? 'desc' }}
                onSort={({ by, order }) =>
                  change({
                    sort: by === 'created_at' ? undefined : linkSorts.find((name) => name === by),
                    order: order === 'asc' ? 'asc' : undefined,
                    page: undefined,
                  })
                }
              />
              <Pager
                page={search.page ?? 1}
                hasNext={rows.length > pageSize}
                onChange={(page) => change({ page: page === 1 ? undefined : page })}
              />
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

const exported = [
  'short_url',
  'url',
  'link_type',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'tags',
  'total_clicks',
  'unique_clicks',
  'total_leads',
  'total_sales',
  'total_revenue_cents',
  'inserted_at',
  'archived_at',
] as const satisfies readonly (keyof LinkResponse)[];
