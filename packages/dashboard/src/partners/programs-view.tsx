import { useState } from 'react';

import type { PartnerProgram } from '@headwater/client/api';
import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { IconFileDescription } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { TextLink } from '../ui/text-link.tsx';
import type { ProgramsSearch } from './partners-search.ts';
import { ProgramForm } from './program-form.tsx';
import { termsWords } from './rule-words.ts';

/** By which rules partners earn. */
export function ProgramsView() {
  const search: ProgramsSearch = useSearch({ strict: false });
  const change = useSearchChange<ProgramsSearch>();
  const navigate = useNavigate();
  const may = useMay();
  const [isCreating, setCreating] = useState(false);
  const programs = useRead(
    'listPartnerPrograms',
    search.archived === undefined ? {} : { archived: true },
  );
  const create = may.write && (
    <Button size="xs" onClick={() => setCreating(true)}>
      {t.programs.create}
    </Button>
  );
  return (
    <Page
      title={t.programs.title}
      description={t.programs.intro}
      actions={
        <>
          <RowsExport
            fileName="partner-programs.csv"
            columns={exported}
            read={() => programs.data ?? []}
          />
          <LinkButton to="/partners" size="xs" variant="default">
            {t.nav.partners}
          </LinkButton>
          {create}
        </>
      }
    >
      <Group gap="sm">
        <Switch
          label={t.programs.withEnded}
          size="sm"
          checked={search.archived !== undefined}
          onChange={(event) =>
            change({ archived: event.currentTarget.checked ? 'with' : undefined })
          }
        />
      </Group>
      <Panel flush>
        <Loaded
          query={programs}
          height={300}
          empty={
            <EmptyState icon={IconFileDescription} title={t.programs.emptyTitle} action={create}>
              {t.programs.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => <ProgramsTable programs={rows} />}
        </Loaded>
      </Panel>
      {isCreating && (
        <ProgramForm
          onClose={() => setCreating(false)}
          onCreated={({ id }) => void navigate({ to: '/programs/$id', params: { id } })}
        />
      )}
    </Page>
  );
}

const exported = [
  'id',
  'version',
  'name',
  'window_days',
  'rules',
  'effective_from',
  'archived_at',
] as const satisfies readonly (keyof PartnerProgram)[];

const column = columnsOf<PartnerProgram>();

function ProgramsTable({ programs }: { readonly programs: readonly PartnerProgram[] }) {
  const { currency, timezone } = useWorkspace();
  return (
    <DataTable
      label={t.programs.title}
      rows={programs}
      rowKey={({ id }) => id}
      minWidth={700}
      columns={[
        column(t.partners.program, ({ id, name, version }) => (
          <TextLink to="/programs/$id" params={{ id }} size="sm" fw={600}>
            {t.rewards.ruleVersion(name, version)}
          </TextLink>
        )),
        column(t.programs.rules, ({ rules }) => (
          <Stack gap={0}>
            {rules.slice(0, 3).map((rule) => (
              <Text key={rule.name} size="sm">
                {t.programs.summary(
                  t.commissions.triggers[rule.trigger],
                  termsWords(rule, currency),
                )}
              </Text>
            ))}
            {rules.length > 3 && (
              <Text size="xs" c="dimmed">
                {t.attribution.moreSteps(rules.length - 3)}
              </Text>
            )}
            {rules.length === 0 && t.programs.noRules}
          </Stack>
        )),
        column(t.programs.windowShort, ({ window_days }) => window_days, { align: 'right' }),
        column(t.keys.state, ({ archived_at }) => (
          <StateBadge color={archived_at === null ? 'teal' : 'gray'}>
            {archived_at === null ? t.keys.active : t.programs.ended}
          </StateBadge>
        )),
        column(t.programs.changed, ({ effective_from }) => formatInstant(effective_from, timezone)),
      ]}
    />
  );
}
