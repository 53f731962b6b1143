import { useState } from 'react';

import type { Partner } from '@headwater/client/api';
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconHeartHandshake } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatMoneys, formatNumber, nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { useMay } from '../session/use-may.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { PartnerBadge } from './partner-badge.tsx';
import { PartnerForm } from './partner-form.tsx';
import { partnerStatuses } from './partners-search.ts';
import type { PartnersSearch } from './partners-search.ts';
import { ProgramFilter } from './program-filter.tsx';
import { usePartnerChange } from './use-partner-change.ts';
import { usePartnerNumbers } from './use-partner-numbers.ts';
import { useProgramNames } from './use-program-names.ts';

/** Who earns on links, newest first. */
export function PartnersView() {
  const search: PartnersSearch = useSearch({ strict: false });
  const change = useSearchChange<PartnersSearch>();
  const navigate = useNavigate();
  const api = useApi();
  const may = useMay();
  const [isCreating, setCreating] = useState(false);
  const { q, status, program, group } = search;
  const question = said({ search: q, status, program_id: program, group });
  const partners = useRead('listPartners', { ...question, ...pageWindow(search.page) });
  const create = may.write && (
    <Button size="xs" onClick={() => setCreating(true)}>
      {t.partners.create}
    </Button>
  );
  return (
    <Page
      title={t.nav.partners}
      description={t.partners.intro}
      actions={
        <>
          <RowsExport
            fileName="partners.csv"
            columns={exported}
            read={() => api.items('listPartners', { ...question, limit: 200 })}
          />
          <LinkButton to="/programs" size="xs" variant="default">
            {t.programs.title}
          </LinkButton>
          {create}
        </>
      }
    >
      <Group gap="sm">
        <SearchField
          label={t.partners.search}
          value={q}
          onChange={(next) => change({ q: next, page: undefined }, { replace: true })}
        />
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={partnerStatuses}
          names={t.partners.statuses}
          value={status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <ProgramFilter
          value={program}
          onChange={(next) => change({ program: next, page: undefined })}
        />
        <SearchField
          label={t.partners.group}
          value={group}
          onChange={(next) => change({ group: next, page: undefined }, { replace: true })}
        />
      </Group>
      <PagedPanel
        query={partners}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconHeartHandshake,
          title: t.partners.emptyTitle,
          children: t.partners.emptyHint,
          action: create,
        }}
      >
        {(rows) => <PartnersTable partners={rows} />}
      </PagedPanel>
      {isCreating && (
        <PartnerForm
          onClose={() => setCreating(false)}
          onCreated={({ id }) => void navigate({ to: '/partners/$id', params: { id } })}
        />
      )}
    </Page>
  );
}

const exported = [
  'id',
  'key',
  'name',
  'status',
  'email',
  'external_id',
  'program_id',
  'group',
  'inserted_at',
] as const satisfies readonly (keyof Partner)[];

const column = columnsOf<Partner>();

function PartnersTable({ partners }: { readonly partners: readonly Partner[] }) {
  const may = useMay();
  const programs = useProgramNames();
  const numbers = usePartnerNumbers(partners.map(({ id }) => id));
  const change = usePartnerChange();
  return (
    <DataTable
      label={t.nav.partners}
      rows={partners}
      rowKey={({ id }) => id}
      minWidth={960}
      columns={[
        column(t.partners.partner, ({ id, name, key, email }) => (
          <Stack gap={0}>
            <TextLink to="/partners/$id" params={{ id }} size="sm" fw={600}>
              {name}
            </TextLink>
            <Text size="xs" c="dimmed">
              {email === null ? key : `${key} · ${email}`}
            </Text>
          </Stack>
        )),
        column(t.partners.program, ({ program_id }) =>
          program_id === null ? (
            t.partners.noProgram
          ) : (
            <TextLink to="/programs/$id" params={{ id: program_id }} size="sm">
              {programs.get(program_id) ?? program_id.slice(-6)}
            </TextLink>
          ),
        ),
        column(t.partners.group, ({ group }) => group ?? nothing),
        column(t.keys.state, ({ status }) => <PartnerBadge status={status} />),
        column(
          t.partners.in90Days(t.metrics.people),
          ({ id }) => formatNumber(numbers.get(id)?.people),
          {
            align: 'right',
          },
        ),
        column(
          t.partners.in90Days(t.metrics.sales),
          ({ id }) => formatNumber(numbers.get(id)?.sales),
          {
            align: 'right',
          },
        ),
        column(
          t.partners.in90Days(t.metrics.revenue),
          ({ id }) => formatMoneys(numbers.get(id)?.revenue_by_currency),
          {
            align: 'right',
          },
        ),
        ...(may.write
          ? [
              column(
                t.actions.more,
                (partner) =>
                  partner.status !== 'archived' && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t.partners.changeOf(
                        partner.status === 'active' ? t.partners.suspend : t.partners.activate,
                        partner.name,
                      )}
                      onClick={() =>
                        partner.status === 'active'
                          ? change.suspend(partner)
                          : change.activate(partner)
                      }
                    >
                      {partner.status === 'active' ? t.partners.suspend : t.partners.activate}
                    </Button>
                  ),
                { align: 'right' },
              ),
            ]
          : []),
      ]}
    />
  );
}
