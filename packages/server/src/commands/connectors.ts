import type { Headwater, ConnectorState, Refusal, Result } from 'headwater';
import { toClaimsResponse, toConnectorResponse } from 'headwater/contract';
import { formatMoney } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';

export interface Surroundings {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly terminal: Terminal;
}

export interface InWorkspace {
  readonly workspace?: string;
}

export function listConnectors(around: Surroundings, flags: InWorkspace): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const states = await hw.connectors.list({ workspaceId });
    const { terminal } = around;
    if (terminal.json) return terminal.print(JSON.stringify(states.map(toConnectorResponse)));
    terminal.print(
      formatTable(
        ['type', 'platform', 'state', 'events', 'lacks'],
        states.map((state) => [
          state.type,
          state.label,
          stateOf(state),
          state.enabled ? state.eventTypes.join(', ') : '',
          state.enabled ? missing(state) : '',
        ]),
      ),
    );
  });
}

export function enableConnector(
  around: Surroundings,
  flags: InWorkspace,
  {
    type,
    events,
    set,
    test,
  }: {
    readonly type: string;
    readonly events?: string;
    readonly set: Readonly<Record<string, string>>;
    readonly test?: boolean;
  },
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const state = await hw.connectors.get(type, { workspaceId });
    const changed = await hw.connectors.enable(
      type,
      {
        ...(events !== undefined && { eventTypes: events.split(',') }),
        ...(test !== undefined && { test }),
        settings: typed(state, set),
      },
      { workspaceId },
    );
    told(around, unwrap(changed));
  });
}

export function disableConnector(
  around: Surroundings,
  flags: InWorkspace,
  type: string,
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) =>
    told(around, unwrap(await hw.connectors.disable(type, { workspaceId }))),
  );
}

export function resumeConnector(
  around: Surroundings,
  flags: InWorkspace,
  type: string,
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) =>
    told(around, unwrap(await hw.connectors.resume(type, { workspaceId }))),
  );
}

/** From standard input, so that no secret stands in the history of a shell or in the list of processes. */
export async function putCredentials(
  around: Surroundings,
  flags: InWorkspace,
  type: string,
): Promise<void> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  const credentials: Record<string, string | null> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const equals = line.indexOf('=');
    // The line itself may be a secret.
    if (equals < 1)
      throw new CommandFailure('each line is name=value, or name= to remove it', exitCodes.misused);
    const value = line.slice(equals + 1).trim();
    credentials[line.slice(0, equals).trim()] = value === '' ? null : value;
  }
  await inWorkspace(around, flags, async (hw, workspaceId) =>
    told(around, unwrap(await hw.connectors.putCredentials(type, credentials, { workspaceId }))),
  );
}

export function printClaims(
  around: Surroundings,
  flags: InWorkspace,
  lastDays: number,
): Promise<void> {
  return inWorkspace(around, flags, async (hw, workspaceId) => {
    const to = new Date();
    const from = new Date(to.getTime() - lastDays * 86_400_000);
    const report = unwrap(await hw.connectors.claims({ from, to }, { workspaceId }));
    const { terminal } = around;
    if (terminal.json) return terminal.print(JSON.stringify(toClaimsResponse(report)));
    const cells = ({ conversions, revenue }: typeof report.total): string[] => [
      String(conversions),
      revenue.map((money) => `${formatMoney(money)} ${money.currency}`).join(', '),
    ];
    terminal.print(
      formatTable(
        ['', 'claims', 'revenue', 'confirmed', 'revenue', 'credited', 'revenue'],
        [
          ...report.rows.map((row) => [
            row.connector,
            ...cells(row.claimed),
            ...cells(row.confirmed),
            ...cells(row.credited),
          ]),
          ['all sales', ...cells(report.total)],
        ],
        [1, 3, 5],
      ),
    );
  });
}

export function inWorkspace(
  { config, log }: Surroundings,
  { workspace }: InWorkspace,
  work: (hw: Headwater, workspaceId: string) => Promise<void> | void,
): Promise<void> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    await work(hw, await findWorkspace(hw, workspace));
  });
}

export function unwrap<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  const isMisused = result.code === 'validation_failed' || result.code === 'invalid_query';
  throw new CommandFailure(result.message, isMisused ? exitCodes.misused : exitCodes.failed);
}

function told({ terminal }: Surroundings, state: ConnectorState): void {
  if (terminal.json) return terminal.print(JSON.stringify(toConnectorResponse(state)));
  const lacks = missing(state);
  terminal.print(`${state.label}: ${stateOf(state)}${lacks === '' ? '' : `; lacks ${lacks}`}`);
}

function stateOf({ enabled, paused, restingUntil, test }: ConnectorState): string {
  if (!enabled) return 'off';
  if (paused !== undefined) return `paused: ${paused.message}`;
  const on = test ? 'on (test)' : 'on';
  return restingUntil !== undefined && restingUntil > new Date()
    ? `${on}, resting until ${restingUntil.toISOString()}`
    : on;
}

function missing({ credentials }: ConnectorState): string {
  return credentials
    .filter(({ field, isSet }) => !isSet && field.optional !== true)
    .map(({ name }) => name)
    .join(', ');
}

/** What was typed, as the settings' types have it; what cannot be is refused with its name. */
function typed(
  state: ConnectorState | undefined,
  set: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const typedValue = (name: string, text: string): unknown => {
    if (text === '') return null;
    const type = state?.settings.find((setting) => setting.name === name)?.field.type;
    if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
    return type === 'integer' ? Number(text) : text;
  };
  const settings: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(set)) settings[name] = typedValue(name, text);
  return settings;
}
