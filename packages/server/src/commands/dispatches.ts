import type { Dispatch, DispatchFilterInput, DispatchStatus } from 'headwater';
import { toDispatchResponse, toPreviewResponse } from 'headwater/contract';

import { withEngine } from '../engine.ts';
import { CommandFailure } from '../failure.ts';
import { formatTable } from '../terminal.ts';
import { inWorkspace, unwrap } from './connectors.ts';
import type { InWorkspace, Surroundings } from './connectors.ts';

export interface DispatchFlags {
  readonly connector?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export function listDispatches(
  around: Surroundings,
  flags: InWorkspace & DispatchFlags & { readonly limit: number },
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const input = { ...toFilter(flags), limit: flags.limit };
    const { dispatches } = unwrap(await hw.connectors.dispatches.list(input, { workspaceId }));
    const { terminal } = around;
    if (terminal.json) return terminal.print(JSON.stringify(dispatches.map(toDispatchResponse)));
    terminal.print(
      formatTable(
        ['id', 'connector', 'event', 'happened', 'status', 'why', 'attempts'],
        dispatches.map((dispatch) => [
          dispatch.id,
          dispatch.connector,
          dispatch.eventType,
          dispatch.occurredAt.toISOString(),
          dispatch.status,
          dispatch.reason ?? '',
          String(dispatch.attempts),
        ]),
        [6],
      ),
    );
  });
}

export function summariseDispatches(
  around: Surroundings,
  flags: InWorkspace & DispatchFlags,
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const rows = unwrap(await hw.connectors.dispatches.summary(toFilter(flags), { workspaceId }));
    const { terminal } = around;
    if (terminal.json) return terminal.print(JSON.stringify(rows));
    terminal.print(
      formatTable(
        ['connector', 'status', 'why', 'conversions'],
        rows.map((row) => [row.connector, row.status, row.reason ?? '', String(row.count)]),
        [3],
      ),
    );
  });
}

export function showDispatch(around: Surroundings, flags: InWorkspace, id: string): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const { dispatches } = hw.connectors;
    const dispatch = await dispatches.get(id, { workspaceId });
    if (dispatch === undefined) throw new CommandFailure('There is no such dispatch.');
    const preview = toPreviewResponse(unwrap(await dispatches.preview(id, { workspaceId })));
    const { terminal } = around;
    if (terminal.json)
      return terminal.print(JSON.stringify({ ...toDispatchResponse(dispatch), preview }));
    terminal.print(
      `${describe(dispatch)}\n\nwould send now:\n${JSON.stringify(preview, undefined, 2)}`,
    );
  });
}

export function replayDispatches(
  around: Surroundings,
  flags: InWorkspace & DispatchFlags & { readonly id?: string[]; readonly preview?: boolean },
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const input = {
      ...toFilter(flags),
      ...(flags.id !== undefined && { ids: flags.id }),
      preview: flags.preview === true,
    };
    const report = unwrap(await hw.connectors.replay(input, { workspaceId }));
    const { terminal } = around;
    if (terminal.json)
      return terminal.print(
        JSON.stringify({
          count: report.count,
          by_connector: report.byConnector,
          more: report.more,
        }),
      );
    const more = report.more ? ', and there are more: call it again' : '';
    terminal.print(
      flags.preview === true
        ? `${report.count} would be sent again`
        : `${report.count} are due again${more}`,
    );
  });
}

export function reconcileDispatches(
  around: Surroundings,
  flags: InWorkspace & { readonly since?: Date },
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const { planned } = await hw.connectors.reconcile({ since: flags.since }, { workspaceId });
    const { terminal } = around;
    if (terminal.json) return terminal.print(JSON.stringify({ planned }));
    const rows = Object.entries(planned).map(([connector, count]) => [connector, String(count)]);
    terminal.print(formatTable(['connector', 'newly planned'], rows, [1]));
  });
}

/** In all workspaces. */
export function deliverDispatches({ config, log, terminal }: Surroundings): Promise<void> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    const report = await hw.connectors.deliverDue();
    terminal.print(
      terminal.json
        ? JSON.stringify(report)
        : Object.entries(report)
            .map(([name, count]) => `${name} ${count}`)
            .join(', '),
    );
  });
}

function describe(dispatch: Dispatch): string {
  const attempts = dispatch.history.map(({ at, outcome, status, code, message }) =>
    [at, outcome, status, code, message].filter((part) => part !== undefined).join('  '),
  );
  const lines = [
    `${dispatch.eventType} ${dispatch.eventId} to ${dispatch.connector}: ${dispatch.status}`,
    ...(dispatch.reason === undefined
      ? []
      : [`${dispatch.reason}: ${dispatch.message ?? ''}`.trim()]),
    ...(dispatch.dueAt === undefined ? [] : [`due ${dispatch.dueAt.toISOString()}`]),
    ...attempts,
  ];
  return lines.join('\n');
}

function toFilter({ connector, status, reason, from, to }: DispatchFlags): DispatchFilterInput {
  return {
    ...(connector !== undefined && { connector }),
    // The use case refuses what is none, with their names.
    ...(status !== undefined && { status: status as DispatchStatus }),
    ...(reason !== undefined && { reason }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}
