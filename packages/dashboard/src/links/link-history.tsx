import type { LinkResponse, LinkVersionResponse } from '@headwater/client/api';
import { Button, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { useActorNames } from '../settings/use-actor-names.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { changeLines } from './change-lines.ts';
import { staleWithLinks } from './stale-links.ts';

/** What was done to a link, by whom and when, with a way back to how it was. */
export function LinkHistory({ link }: { readonly link: LinkResponse }) {
  const [page, setPage] = useState<number>();
  const versions = useRead('listLinkVersions', { link_id: link.id, ...pageWindow(page) });
  return (
    <PagedPanel
      title={t.linkHistory.title}
      query={versions}
      page={page}
      onPage={setPage}
      empty={{ icon: IconHistory, title: t.linkHistory.empty }}
    >
      {(rows) => (
        <VersionsTable
          link={link}
          versions={rows}
          latest={page === undefined ? rows[0]?.id : undefined}
        />
      )}
    </PagedPanel>
  );
}

const column = columnsOf<LinkVersionResponse>();

function VersionsTable(props: {
  readonly link: LinkResponse;
  readonly versions: readonly LinkVersionResponse[];
  /** The version that the link has: there is nothing to go back to. */
  readonly latest: string | undefined;
}) {
  const { link, versions, latest } = props;
  const { timezone } = useWorkspace();
  const may = useMay();
  const actors = useActorNames();
  const rollBack = useWrite('rollBackLink', staleWithLinks);
  const askToRollBack = ({ id, at }: LinkVersionResponse) =>
    ask({
      title: t.linkHistory.restoreTitle(formatInstant(at, timezone)),
      hint: t.linkHistory.restoreHint,
      confirm: t.linkHistory.restore,
      isHarmless: true,
      onConfirm: () =>
        rollBack.mutate(
          { link_id: link.id, version_id: id },
          { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
        ),
    });
  return (
    <DataTable
      label={t.linkHistory.title}
      rows={versions}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.events.when, ({ at }) => formatInstant(at, timezone)),
        column(t.linkHistory.what, ({ action }) => t.linkHistory.actions[action] ?? action),
        column(t.events.who, ({ actor }) => (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }} maw={200}>
            {actor === null ? t.audit.engine : (actors.get(actor) ?? actor)}
          </Text>
        )),
        column(t.linkHistory.changes, ({ action, changes }) => (
          <Stack gap={0} maw={480}>
            {action !== 'link.created' &&
              changeLines(changes).map(({ field, words }) => (
                <Text key={field} size="xs" style={{ overflowWrap: 'anywhere' }}>
                  <Text span size="xs" fw={600}>
                    {field}
                  </Text>{' '}
                  {words}
                </Text>
              ))}
          </Stack>
        )),
        column(
          t.actions.more,
          (version) =>
            may.write &&
            version.id !== latest &&
            link.archived_at === null && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t.linkHistory.restoreOf(formatInstant(version.at, timezone))}
                onClick={() => askToRollBack(version)}
              >
                {t.linkHistory.restore}
              </Button>
            ),
          { align: 'right' },
        ),
      ]}
    />
  );
}
