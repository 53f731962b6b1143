import { useState } from 'react';

import { Group, Modal, ScrollArea, Stack } from '@mantine/core';

import { useApi, useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import type { FilterDimension } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';
import { ExportButton } from '../ui/export-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import type { BreakdownMetric } from './breakdown-metrics.ts';
import { BreakdownTable } from './breakdown-table.tsx';
import { EmptyPanel } from './empty-panel.tsx';

export interface BreakdownDialogProps {
  readonly report: Report;
  readonly dimension: FilterDimension;
  readonly metrics: readonly BreakdownMetric[];
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every row of a breakdown, page by page, and as a file. */
export function BreakdownDialog(props: BreakdownDialogProps) {
  const { report, dimension, metrics, isOpen, onClose } = props;
  const api = useApi();
  const [page, setPage] = useState(1);
  const question = { ...report.window, dimension, metrics: metrics.join(',') };
  const breakdown = useRead(
    'analyticsBreakdown',
    { ...question, ...pageWindow(page) },
    { enabled: isOpen },
  );
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t.dimensions[dimension]}
      size="xl"
      closeButtonProps={{ 'aria-label': t.actions.close }}
      scrollAreaComponent={ScrollArea.Autosize}
    >
      <Stack>
        <Group justify="flex-end">
          <ExportButton
            fileName={`${dimension}.csv`}
            read={() => api.exportBreakdown({ ...question, format: 'csv' })}
          />
        </Group>
        <Loaded
          query={breakdown}
          height={400}
          isEmpty={({ rows }) => rows.length === 0}
          empty={<EmptyPanel />}
        >
          {({ rows }) => (
            <>
              <BreakdownTable
                report={report}
                dimension={dimension}
                rows={rows.slice(0, pageSize)}
                metrics={metrics}
                isFull
                onChosen={onClose}
              />
              <Pager page={page} hasNext={rows.length > pageSize} onChange={setPage} />
            </>
          )}
        </Loaded>
      </Stack>
    </Modal>
  );
}
