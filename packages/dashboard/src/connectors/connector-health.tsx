import { SimpleGrid } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { formatNumber, formatPercent } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { useReport } from '../report/use-report.ts';
import { Loaded } from '../ui/loaded.tsx';

/** What became of the conversions of the last days. */
export function ConnectorHealth({ type }: { readonly type: string }) {
  const { window } = useReport();
  const counts = useRead('summariseDispatches', {
    connector: type,
    from: window.from,
    to: window.to,
  });
  return (
    <Loaded query={counts} height={80}>
      {(rows) => {
        const of = (...statuses: string[]): number =>
          rows
            .filter(({ status }) => statuses.includes(status))
            .reduce((sum, { count }) => sum + count, 0);
        const tried = of('delivered', 'failed');
        return (
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatCard
              label={t.connectors.delivered30}
              value={formatNumber(of('delivered'))}
              details={
                tried > 0 && t.connectors.successRate(formatPercent(of('delivered') / tried))
              }
            />
            <StatCard
              label={t.dispatches.statuses.pending}
              value={formatNumber(of('pending', 'sending'))}
            />
            <StatCard label={t.dispatches.statuses.skipped} value={formatNumber(of('skipped'))} />
            <StatCard label={t.dispatches.statuses.failed} value={formatNumber(of('failed'))} />
          </SimpleGrid>
        );
      }}
    </Loaded>
  );
}
