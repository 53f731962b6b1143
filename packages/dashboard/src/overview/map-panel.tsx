import { Suspense, lazy } from 'react';

import { Box, Group, Skeleton, Text } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { formatCompact } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import type { Report } from '../report/use-report.ts';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { EmptyPanel } from './empty-panel.tsx';
import { shadeOf } from './map-shade.ts';

// The outlines are as large as half of everything: the numbers do not wait for them.
const CountriesMap = lazy(() =>
  import('./countries-map.tsx').then(({ CountriesMap: component }) => ({ default: component })),
);

/** As many as one answer has; what is left has hardly anybody. */
const countriesMax = 200;

/** Where people are, beside the list that says the same: a click on a country narrows everything by it. */
export function MapPanel({ report }: { readonly report: Report }) {
  const countries = useRead('analyticsBreakdown', {
    ...report.window,
    dimension: 'country',
    metrics: 'people',
    limit: countriesMax,
  });
  return (
    <Panel title={t.overview.map}>
      <Loaded
        query={countries}
        height={300}
        isEmpty={({ rows }) => rows.length === 0}
        empty={<EmptyPanel />}
      >
        {({ rows }) => (
          <>
            <Suspense fallback={<Skeleton height={270} />}>
              <CountriesMap
                rows={rows}
                onCountry={(value) =>
                  report.toggle({ dimension: 'country', value, excludes: false })
                }
              />
            </Suspense>
            <Legend most={Math.max(0, ...rows.map(({ people }) => people ?? 0))} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Legend({ most }: { readonly most: number }) {
  const shades = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map(shadeOf).join(', ');
  return (
    <Group gap={8} justify="flex-end">
      <Text size="xs" c="dimmed">
        {t.overview.mapLess}
      </Text>
      <Box
        w={96}
        h={8}
        style={{ borderRadius: 4, background: `linear-gradient(to right, ${shades})` }}
        aria-hidden
      />
      <Text size="xs" c="dimmed">
        {t.overview.mapMore(formatCompact(most))}
      </Text>
    </Group>
  );
}
