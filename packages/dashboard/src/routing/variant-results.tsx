import type { LinkResponse, LinkVariantsResponse } from '@headwater/client/api';
import { Alert, Badge, Button, Group, List, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowsSplit2,
  IconInfoCircle,
  IconTrophy,
} from '@tabler/icons-react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import {
  formatDecimal,
  formatMoney,
  formatNumber,
  formatPercent,
  nothing,
} from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { staleWithLinks } from '../links/stale-links.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { routingValuesOf, toRouting } from './routing-values.ts';
import { wilsonInterval } from './wilson-interval.ts';

type Variant = LinkVariantsResponse['variants'][number];

/** What became of those whom a link has sent to its variants, and how sure that is. */
export function VariantResults({ link }: { readonly link: LinkResponse }) {
  const { timezone } = useWorkspace();
  const may = useMay();
  const report = useRead('getLinkVariants', { id: link.id }, { refetchInterval: 30_000 });
  return (
    <Loaded
      query={report}
      height={320}
      isEmpty={({ variants }) => variants.length === 0}
      empty={
        <Panel>
          <EmptyState
            icon={IconArrowsSplit2}
            title={t.linkTest.emptyTitle}
            action={
              may.write &&
              link.archived_at === null && (
                <LinkButton to="/links/$id/edit" params={{ id: link.id }}>
                  {t.actions.edit}
                </LinkButton>
              )
            }
          >
            {t.linkTest.emptyHint}
          </EmptyState>
        </Panel>
      }
    >
      {(found) => (
        <Stack>
          <Verdict link={link} report={found} />
          <Panel
            flush
            title={
              found.since === null
                ? t.linkTest.title
                : t.linkTest.titleSince(formatInstant(found.since, timezone))
            }
            actions={
              <RowsExport fileName="variants.csv" columns={exported} read={() => found.variants} />
            }
          >
            <VariantsTable report={found} />
          </Panel>
          <Text size="xs" c="dimmed">
            {t.linkTest.intervalHint}
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}

const exported = [
  'name',
  'url',
  'weight',
  'clicks',
  'people',
  'conversions',
  'converted_people',
  'conversion_rate',
  'revenue_cents',
  'revenue_per_click',
] as const satisfies readonly (keyof Variant)[];

const column = columnsOf<Variant>();

function VariantsTable({ report }: { readonly report: LinkVariantsResponse }) {
  const { variants, currency, winner } = report;
  const sum = variants.reduce((weights, { weight }) => weights + weight, 0);
  const right = { align: 'right' } as const;
  return (
    <DataTable
      label={t.linkTest.title}
      rows={variants}
      rowKey={({ name }) => name}
      minWidth={860}
      columns={[
        column(t.linkTest.variant, ({ name, url }) => (
          <>
            <Group gap={6} wrap="nowrap">
              <Text size="sm" fw={600}>
                {name}
              </Text>
              {name === winner && (
                <Badge size="xs" color="teal" variant="light" tt="none">
                  {t.linkTest.winner}
                </Badge>
              )}
            </Group>
            <Text size="xs" c="dimmed" truncate maw={320}>
              {url}
            </Text>
          </>
        )),
        column(t.linkTest.share, ({ weight }) => formatPercent(weight / sum), right),
        column(t.links.clicks, ({ clicks }) => formatNumber(clicks), right),
        column(t.metrics.people, ({ people }) => formatNumber(people), right),
        column(t.metrics.conversions, ({ conversions }) => formatNumber(conversions), right),
        column(
          t.linkTest.rate,
          ({ converted_people, people }) => <Rate converted={converted_people} people={people} />,
          right,
        ),
        column(
          t.metrics.revenue,
          ({ revenue_cents }) => formatMoney({ currency, amount: revenue_cents }),
          right,
        ),
        column(
          t.linkTest.perClick,
          ({ clicks, revenue_per_click }) =>
            clicks === 0 ? nothing : formatMoney({ currency, amount: revenue_per_click }),
          right,
        ),
      ]}
    />
  );
}

/** The people who converted of those who came, and between which rates the true one lies. */
function Rate({ converted, people }: { readonly converted: number; readonly people: number }) {
  const interval = wilsonInterval(converted, people);
  if (interval === undefined) return <>{nothing}</>;
  return (
    <>
      {/* Who came before the count began may convert within it. */}
      {formatPercent(Math.min(1, converted / people))}
      <Text size="xs" c="dimmed">
        {t.linkTest.interval(formatPercent(interval.low), formatPercent(interval.high))}
      </Text>
    </>
  );
}

function Verdict(props: { readonly link: LinkResponse; readonly report: LinkVariantsResponse }) {
  const { link, report } = props;
  const { winner, split, comparisons, threshold, goal } = report;
  const may = useMay();
  const hasEvidence = comparisons.length > 0;
  return (
    <Stack gap="sm">
      {!split.matches && (
        <Alert
          color="red"
          variant="light"
          role="note"
          icon={<IconAlertTriangle aria-hidden />}
          title={t.linkTest.splitTitle}
        >
          {t.linkTest.splitHint}
        </Alert>
      )}
      <Alert
        color={winner === null ? 'gray' : 'teal'}
        variant="light"
        role="status"
        icon={winner === null ? <IconInfoCircle aria-hidden /> : <IconTrophy aria-hidden />}
        title={winner === null ? t.linkTest.undecided : t.linkTest.decided(winner)}
      >
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{t.linkTest.judgedBy[goal]}</Text>
          {hasEvidence && (
            <List size="sm">
              {comparisons.map(({ better, worse, e_value }) => (
                <List.Item key={`${better} ${worse}`}>
                  {t.linkTest.evidence(
                    better,
                    worse,
                    formatDecimal(e_value),
                    formatDecimal(threshold),
                  )}
                </List.Item>
              ))}
            </List>
          )}
          {may.write && winner !== null && link.archived_at === null && (
            <EndTest link={link} winner={winner} />
          )}
        </Stack>
      </Alert>
    </Stack>
  );
}

/** Sends everybody where the winner leads, and ends the test. */
function EndTest({ link, winner }: { readonly link: LinkResponse; readonly winner: string }) {
  const update = useWrite('updateLink', staleWithLinks);
  const url = link.routing?.variants?.find(({ name }) => name === winner)?.url;
  if (url === undefined) return null;
  const values = routingValuesOf(link.routing);
  return (
    <Button
      size="xs"
      loading={update.isPending}
      onClick={() =>
        ask({
          title: t.linkTest.endTitle,
          hint: t.linkTest.endHint(url),
          confirm: t.linkTest.end,
          isHarmless: true,
          onConfirm: () =>
            update.mutate(
              { id: link.id, body: { url, routing: toRouting({ ...values, variants: [] }) } },
              { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
            ),
        })
      }
    >
      {t.linkTest.end}
    </Button>
  );
}
