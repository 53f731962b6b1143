import { useState } from 'react';

import type { PartnerProgram } from '@headwater/client/api';
import { Accordion, Button, Group, SimpleGrid, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { ProgramForm } from './program-form.tsx';
import { RulesTable } from './rules-table.tsx';

/** One programme: what it pays now, and what it paid before. */
export function ProgramView() {
  const { id = '' } = useParams({ strict: false });
  const versions = useRead('listPartnerProgramVersions', { id }, { keepsPrevious: false });
  return (
    <Loaded query={versions} height={500}>
      {(rows) => <Program program={rows.at(-1)!} versions={rows} />}
    </Loaded>
  );
}

function Program(props: {
  readonly program: PartnerProgram;
  readonly versions: readonly PartnerProgram[];
}) {
  const { program, versions } = props;
  const { timezone } = useWorkspace();
  const { name, version, archived_at, effective_from } = program;
  return (
    <Page
      title={name}
      description={
        <Group gap={8}>
          <StateBadge color={archived_at === null ? 'teal' : 'gray'}>
            {archived_at === null ? t.keys.active : t.programs.ended}
          </StateBadge>
          {t.programs.versionSince(version, formatInstant(effective_from, timezone))}
        </Group>
      }
      actions={<ProgramActions program={program} />}
    >
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <StatCard
          label={t.programs.window}
          value={formatNumber(program.window_days)}
          details={t.programs.windowHint}
        />
        <StatCard
          label={t.programs.allowsPaidAds}
          value={program.allows_paid_ads ? t.programs.yes : t.programs.no}
        />
        <StatCard
          label={t.programs.floodClicks}
          value={formatNumber(program.flood_clicks)}
          details={t.programs.floodHint}
        />
        <StatCard
          label={t.programs.hijackMinutes}
          value={formatNumber(program.hijack_minutes)}
          details={t.programs.hijackHint}
        />
      </SimpleGrid>
      <Panel flush title={t.programs.rules}>
        <RulesTable label={t.programs.rules} rules={program.rules} />
      </Panel>
      {versions.length > 1 && (
        <Panel flush title={t.programs.earlier}>
          <Text size="sm" c="dimmed" px="md" pb="sm">
            {t.programs.earlierHint}
          </Text>
          <Accordion chevronPosition="left">
            {versions
              .slice(0, -1)
              .toReversed()
              .map((one) => (
                <Accordion.Item key={one.version} value={String(one.version)}>
                  <Accordion.Control>
                    {t.programs.versionSince(
                      one.version,
                      formatInstant(one.effective_from, timezone),
                    )}
                  </Accordion.Control>
                  <Accordion.Panel>
                    <RulesTable
                      label={t.rewards.ruleVersion(one.name, one.version)}
                      rules={one.rules}
                    />
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
          </Accordion>
        </Panel>
      )}
    </Page>
  );
}

function ProgramActions({ program }: { readonly program: PartnerProgram }) {
  const { id, name, archived_at } = program;
  const may = useMay();
  const [isEditing, setEditing] = useState(false);
  const archive = useWrite('archivePartnerProgram', [
    'listPartnerPrograms',
    'listPartnerProgramVersions',
  ]);
  const askToEnd = () =>
    ask({
      title: t.programs.endTitle(name),
      hint: t.programs.endHint,
      confirm: t.programs.end,
      onConfirm: () =>
        archive.mutate(
          { id },
          { onSuccess: () => notifyDone(t.programs.ended), onError: notifyFault },
        ),
    });
  return (
    <>
      <LinkButton to="/partners" search={{ program: id } as never} size="xs" variant="default">
        {t.nav.partners}
      </LinkButton>
      <LinkButton to="/commissions" search={{ program: id } as never} size="xs" variant="default">
        {t.nav.commissions}
      </LinkButton>
      {may.write && archived_at === null && (
        <>
          <Button size="xs" onClick={() => setEditing(true)}>
            {t.actions.edit}
          </Button>
          <Button size="xs" color="red" variant="light" onClick={askToEnd}>
            {t.programs.end}
          </Button>
        </>
      )}
      {isEditing && <ProgramForm program={program} onClose={() => setEditing(false)} />}
    </>
  );
}
