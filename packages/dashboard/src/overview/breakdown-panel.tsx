import { useState } from 'react';

import { Button, ScrollArea, Tabs } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import type { FilterDimension } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { BreakdownDialog } from './breakdown-dialog.tsx';
import { breakdownMetrics } from './breakdown-metrics.ts';
import { BreakdownTable } from './breakdown-table.tsx';
import { EmptyPanel } from './empty-panel.tsx';

export interface BreakdownPanelProps {
  readonly report: Report;
  readonly dimensions: readonly FilterDimension[];
  readonly chosen: FilterDimension;
  readonly onChoose: (dimension: FilterDimension) => void;
}

const rowsShown = 8;

/** The first rows of a breakdown. A click on one narrows everything by it. */
export function BreakdownPanel({ report, dimensions, chosen, onChoose }: BreakdownPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const metrics = breakdownMetrics(chosen, report.filters);
  const breakdown = useRead('analyticsBreakdown', {
    ...report.window,
    dimension: chosen,
    metrics: metrics.join(','),
    limit: rowsShown,
  });
  return (
    <Panel flush>
      <Tabs
        value={chosen}
        onChange={(next) => next !== null && onChoose(next as FilterDimension)}
        keepMounted={false}
      >
        <ScrollArea type="never">
          <Tabs.List px="xs" style={{ flexWrap: 'nowrap' }}>
            {dimensions.map((name) => (
              <Tabs.Tab key={name} value={name} style={{ whiteSpace: 'nowrap' }}>
                {t.dimensions[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        {dimensions.map((name) => (
          <Tabs.Panel key={name} value={name} mih={296}>
            <Loaded
              query={breakdown}
              height={296}
              isEmpty={({ rows }) => rows.length === 0}
              empty={<EmptyPanel />}
            >
              {({ rows, dimension }) => (
                <BreakdownTable
                  report={report}
                  dimension={dimension as FilterDimension}
                  rows={rows}
                  metrics={metrics}
                />
              )}
            </Loaded>
          </Tabs.Panel>
        ))}
      </Tabs>
      <div style={{ padding: '4px 12px 10px' }}>
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)}>
          {t.overview.viewAll}
        </Button>
      </div>
      <BreakdownDialog
        report={report}
        dimension={chosen}
        metrics={metrics}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      />
    </Panel>
  );
}
