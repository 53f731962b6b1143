import type { ReactNode } from 'react';

import type { UseQueryResult } from '@tanstack/react-query';

import { t } from '../messages/messages.ts';
import { EmptyState } from './empty-state.tsx';
import type { EmptyStateProps } from './empty-state.tsx';
import { Loaded } from './loaded.tsx';
import { Pager, pageSize } from './pager.tsx';
import { Panel } from './panel.tsx';

export interface PagedPanelProps<Row> {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** Asked with `pageWindow`: one row more than a page has. */
  readonly query: UseQueryResult<Row[]>;
  readonly page: number | undefined;
  readonly onPage: (page: number | undefined) => void;
  /** What is said where there is nothing at all. */
  readonly empty: EmptyStateProps;
  /** Whether a search or a filter may be why there is nothing. */
  readonly isNarrowed?: boolean;
  readonly height?: number;
  readonly children: (rows: readonly Row[]) => ReactNode;
}

/** A list of the API, page by page. */
export function PagedPanel<Row>(props: PagedPanelProps<Row>) {
  const { title, actions, query, page = 1, onPage, empty, isNarrowed = false, children } = props;
  return (
    <Panel flush title={title} actions={actions}>
      <Loaded
        query={query}
        height={props.height ?? 420}
        empty={
          isNarrowed ? (
            <EmptyState icon={empty.icon} title={t.states.noMatch}>
              {t.states.noMatchHint}
            </EmptyState>
          ) : (
            <EmptyState {...empty} />
          )
        }
      >
        {(rows) => (
          <>
            {children(rows.slice(0, pageSize))}
            <Pager
              page={page}
              hasNext={rows.length > pageSize}
              onChange={(next) => onPage(next === 1 ? undefined : next)}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
