import type { AnalyticsSummaryResponse } from '@headwater/client/api';
import { SimpleGrid } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoneys, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import type { ChartMetric } from './chart-metric.ts';
import { formatMetric } from './metric-format.ts';
import { StatCard } from './stat-card.tsx';

type Numbers = Omit<AnalyticsSummaryResponse, 'previous'>;

export interface SummaryCardsProps {
  readonly numbers: Numbers;
  readonly before: Numbers | undefined;
  readonly metric: ChartMetric;
  readonly onMetric: (metric: ChartMetric) => void;
}

const cards = [
  'people',
  'sessions',
  'pageviews',
  'conversions',
  'sales',
  'conversion_rate',
  'bounce_rate',
  'avg_duration',
] as const satisfies readonly ChartMetric[];

export function SummaryCards({ numbers, before, metric, onMetric }: SummaryCardsProps) {
  const { currency } = useWorkspace();
  const others = (numbers.revenue_by_currency ?? []).filter((money) => money.currency !== currency);
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }} spacing="sm">
      {cards.map((name) => (
        <StatCard
          key={name}
          label={t.metrics[name]}
          value={formatMetric(name, numbers[name], currency)}
          now={numbers[name]}
          before={before?.[name]}
          lessIsBetter={name === 'bounce_rate'}
          isChosen={metric === name}
          onChoose={() => onMetric(name)}
          {...(name === 'people' && {
            details: t.overview.newPeople(formatNumber(numbers.new_people)),
          })}
        />
      ))}
      <StatCard
        label={t.metrics.revenue}
        value={formatMetric('revenue', numbers.revenue, currency)}
        now={numbers.revenue}
        before={before?.revenue}
        isChosen={metric === 'revenue'}
        onChoose={() => onMetric('revenue')}
        {...(others.length > 0 && { details: t.overview.andAlso(formatMoneys(others)) })}
      />
      <StatCard
        label={t.overview.identified}
        value={formatMetric('conversion_rate', numbers.identification_rate, currency)}
        now={numbers.identification_rate}
        before={before?.identification_rate}
        details={t.overview.identifiedHint}
      />
    </SimpleGrid>
  );
}
