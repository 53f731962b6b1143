import { useState } from 'react';

import type { Commission } from '@headwater/client/api';
import { Alert, Group, Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { CommissionBadge } from './commission-badge.tsx';
import { EarnedFor } from './commissions-table.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import type { Deciding } from './decide-dialog.tsx';
import { DecisionButtons } from './decision-buttons.tsx';
import { PartnerLink } from './partner-link.tsx';
import type { ReviewSearch } from './partners-search.ts';
import { partnersOf, suspicionWords } from './suspicion-words.ts';
import { usePartnerNames } from './use-partner-names.ts';
import { useProgramNames } from './use-program-names.ts';

/** Commissions that something is suspicious about: why, and what somebody makes of it. */
export function ReviewView() {
  const search: ReviewSearch = useSearch({ strict: false });
  const change = useSearchChange<ReviewSearch>();
  const commissions = useRead('listCommissions', {
    ...(search.show === 'all' ? { flagged: true } : { status: 'review' }),
    ...pageWindow(search.page),
  });
  return (
    <Page
      title={t.nav.review}
      description={t.review.intro}
      actions={
        <LinkButton to="/commissions" size="xs" variant="default">
          {t.nav.commissions}
        </LinkButton>
      }
    >
      <SegmentedControl
        aria-label={t.attribution.show}
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'waiting', label: t.review.waiting },
          { value: 'all', label: t.review.all },
        ]}
        value={search.show ?? 'waiting'}
        onChange={(show) => change({ show: show === 'all' ? 'all' : undefined, page: undefined })}
      />
      <PagedPanel
        query={commissions}
        page={search.page}
        onPage={(page) => change({ page })}
        empty={{
          icon: IconShieldCheck,
          title: t.review.emptyTitle,
          children: t.review.emptyHint,
        }}
      >
        {(rows) => <Cases commissions={rows} />}
      </PagedPanel>
    </Page>
  );
}

function Cases({ commissions }: { readonly commissions: readonly Commission[] }) {
  const names = usePartnerNames(commissions.flatMap(partnersOf));
  const programs = useProgramNames();
  const [deciding, setDeciding] = useState<Deciding>();
  return (
    <>
      <Stack component="ul" gap="sm" p="md" m={0} style={{ listStyle: 'none' }}>
        {commissions.map((commission) => (
          <Case
            key={commission.id}
            commission={commission}
            names={names}
            programs={programs}
            onDecide={setDeciding}
          />
        ))}
      </Stack>
      {deciding !== undefined && (
        <DecideDialog deciding={deciding} onClose={() => setDeciding(undefined)} />
      )}
    </>
  );
}

function Case(props: {
  readonly commission: Commission;
  readonly names: ReadonlyMap<string, string>;
  readonly programs: ReadonlyMap<string, string>;
  readonly onDecide: (deciding: Deciding) => void;
}) {
  const { commission, names, programs, onDecide } = props;
  const { timezone } = useWorkspace();
  const may = useMay();
  const { partner_id, visitor_id, granted, unit, trigger_at, status, flags, note } = commission;
  return (
    <Paper component="li" withBorder radius="md" p="md">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Stack gap={2}>
            <Group gap="xs">
              <Title order={2} size="h4">
                {formatAmount(granted, unit)}
              </Title>
              <CommissionBadge status={status} />
            </Group>
            <Text size="sm" component="div">
              <PartnerLink id={partner_id} names={names} />
              {' · '}
              {formatInstant(trigger_at, timezone)}
              {visitor_id !== null && (
                <>
                  {' · '}
                  <TextLink to="/visitors/$id" params={{ id: visitor_id }} size="sm">
                    {t.dispatches.visitor(visitor_id.slice(-6))}
                  </TextLink>
                </>
              )}
            </Text>
            <EarnedFor commission={commission} programs={programs} />
          </Stack>
          {may.write && <DecisionButtons commission={commission} onDecide={onDecide} size="xs" />}
        </Group>
        {flags.map((flag) => (
          <Alert
            key={flag.kind}
            color="orange"
            icon={<IconAlertTriangle aria-hidden />}
            title={t.review.kinds[flag.kind]}
          >
            {suspicionWords(flag, names)}
          </Alert>
        ))}
        {note !== null && (
          <Text size="sm" c="dimmed">
            {t.review.noted(note)}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
