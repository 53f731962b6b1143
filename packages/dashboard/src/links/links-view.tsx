import type { LinkResponse } from '@headwater/client/api';
import { Group, SegmentedControl } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
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
        <ChoiceFilter
          label={t.links.type}
          any={t.links.anyType}
          choices={linkTypes}
          names={t.linkTypes}
          value={search.type}
          onChange={(type) => change({ type, page: undefined })}
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
      <PagedPanel
        query={links}
        page={search.page}
        onPage={(page) => change({ page })}
        height={500}
        isNarrowed={isNarrowed}
        empty={{
          icon: IconLink,
          title: t.links.emptyTitle,
          children: t.links.emptyHint,
          action: <LinkButton to="/links/new">{t.links.create}</LinkButton>,
        }}
      >
        {(rows) => (
          <LinksTable
            links={rows}
            sorting={{ by: search.sort ?? 'created_at', order: search.order ?? 'desc' }}
            onSort={({ by, order }) =>
              change({
                sort: by === 'created_at' ? undefined : linkSorts.find((name) => name === by),
                order: order === 'asc' ? 'asc' : undefined,
                page: undefined,
              })
            }
          />
        )}
      </PagedPanel>
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
