import type { ReactNode } from 'react';

import { Alert, Button, Skeleton, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';

import { faultMessage } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';

export interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** Shown in place of the contents where there is nothing. */
  readonly empty?: ReactNode;
  readonly isEmpty?: (data: Data) => boolean;
  /** Pixels that the contents will take. @default 180 */
  readonly height?: number;
  readonly children: (data: Data) => ReactNode;
}

/** What was read; until then its shape, and where it failed why. */
export function Loaded<Data>({
  query,
  empty,
  isEmpty = (data) => Array.isArray(data) && data.length === 0,
  height = 180,
  children,
}: LoadedProps<Data>) {
  if (query.isPending) {
    return (
      <Stack gap="xs" aria-busy aria-label={t.states.loading} role="status">
        <Skeleton height={18} width="40%" />
        <Skeleton height={height - 28} />
      </Stack>
    );
  }
  if (query.data === undefined)
    return <Failed fault={query.error} retry={() => void query.refetch()} />;
  if (empty !== undefined && isEmpty(query.data)) return empty;
  return (
    <div style={{ opacity: query.isPlaceholderData ? 0.55 : 1, transition: 'opacity 120ms' }}>
      {children(query.data)}
    </div>
  );
}

export function Failed({ fault, retry }: { readonly fault: unknown; readonly retry?: () => void }) {
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={t.states.failed}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        {faultMessage(fault)}
        {retry !== undefined && (
          <Button size="xs" variant="default" onClick={retry}>
            {t.actions.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
