import { Suspense, lazy } from 'react';

import type { Input, LinkResponse } from '@headwater/client/api';
import { IconLink } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { useMay } from '../session/use-may.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { useLinkSelection } from './link-selection.ts';
import { LinksFilters } from './links-filters.tsx';
import { linkSorts } from './links-search.ts';
import type { LinksSearch } from './links-search.ts';
import { LinksTable } from './links-table.tsx';

// Nearly every look at the list goes without.
const BulkBar = lazy(() =>
  import('./bulk-bar.tsx').then(({ BulkBar: component }) => ({ default: component })),
);

export function LinksView() {
  const search: LinksSearch = useSearch({ strict: false });
  const change = useSearchChange<LinksSearch>();
  const api = useApi();
  const may = useMay();
  const selection = useLinkSelection();
  const question = questionOf(search);
  const links = useRead('listLinks', { ...question, ...pageWindow(search.page) });
  const isNarrowed = Object.keys(search).some(
    (name) => name !== 'sort' && name !== 'order' && name !== 'page',
  );

  return (
    <Page
      title={t.nav.links}
      description={t.links.intro}
      actions={
        <>
          <LinkButton to="/links/labels" size="xs" variant="default">
            {t.linkLabels.title}
          </LinkButton>
          {may.write && (
            <LinkButton to="/links/import" size="xs" variant="default">
              {t.linkImport.title}
            </LinkButton>
          )}
          <RowsExport
            fileName="links.csv"
            columns={exported}
            read={() => api.items('listLinks', { ...question, limit: 200 })}
          />
          {may.write && (
            <LinkButton to="/links/new" size="xs">
              {t.links.create}
            </LinkButton>
          )}
        </>
      }
    >
      <LinksFilters />
      {selection.links.length > 0 && (
        <Suspense>
          <BulkBar
            selection={selection}
            readMatching={() => api.items('listLinks', { ...question, limit: 200 })}
          />
        </Suspense>
      )}
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
          action: may.write && <LinkButton to="/links/new">{t.links.create}</LinkButton>,
        }}
      >
        {(rows) => (
          <LinksTable
            links={rows}
            selection={selection}
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

function questionOf(search: LinksSearch): NonNullable<Input<'listLinks'>> {
  const { q, type, tag, folder, domain, health, archived = 'without' } = search;
  return {
    ...said({
      search: q,
      link_type: type,
      tag,
      folder_id: folder,
      domain,
      is_down: health === undefined ? undefined : health === 'down',
    }),
    archived,
    sort: search.sort ?? 'created_at',
    order: search.order ?? 'desc',
  };
}

const exported = [
  'short_url',
  'url',
  'link_type',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'tags',
  'is_down',
  'total_clicks',
  'unique_clicks',
  'total_leads',
  'total_sales',
  'total_revenue_cents',
  'inserted_at',
  'archived_at',
] as const satisfies readonly (keyof LinkResponse)[];
