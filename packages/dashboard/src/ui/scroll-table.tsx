import type { ReactNode } from 'react';

import { Table } from '@mantine/core';

export interface ScrollTableProps {
  /** For screen readers. */
  readonly label: string;
  /** Pixels below which the table is scrolled and not squeezed. */
  readonly minWidth: number;
  readonly children: ReactNode;
}

/** Room for a table on a screen that is too narrow for it; the keyboard scrolls it too. */
export function ScrollTable({ label, minWidth, children }: ScrollTableProps) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': label } }}
    >
      {children}
    </Table.ScrollContainer>
  );
}
