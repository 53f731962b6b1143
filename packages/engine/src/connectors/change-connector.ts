import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { FieldErrors, ValidationRefusal } from '../kernel/validation.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { connectorState } from './connector-state.ts';
import type { ConnectorState } from './connector-state.ts';
import { lockConnector, updateConnectorRow } from './connector-store.ts';
import type { Connector } from './connector.ts';
import { openCredentials, sealCredentials } from './credentials.ts';
import { releaseDispatches } from './dispatch-claim-store.ts';
import { credentialProblem, settingProblem } from './read-configuration.ts';
import type { StoredConnector } from './stored-connector.ts';

/** What somebody decides about a connector; what is left out stays. */
export interface ConnectorChanges {
  readonly enabled?: boolean | undefined;
  /** The conversions that the platform is told of. @default all that it can be told of */
  readonly eventTypes?: readonly string[] | undefined;
  /** Merged by name; `null` brings the default back. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the platform shall only check or show what it is sent. */
  readonly test?: boolean | undefined;
  /** Merged by name; `null` removes one. Stored encrypted, and never told again. */
  readonly credentials?: Readonly<Record<string, string | null>> | undefined;
}

export type ConnectorNotFound = Refusal & { readonly code: 'connector_not_found' };
export type ChangeConnectorRefusal = ValidationRefusal | ConnectorNotFound;

/**
 * Switches a connector on or off, and stores its settings and credentials. Whatever had stopped it is over with that:
 * what waits is sent again.
 */
export async function changeConnector(
  context: Context,
  workspace: Workspace,
  type: string,
  changes: ConnectorChanges,
  options?: WriteOptions,
): Promise<Result<ConnectorState, ChangeConnectorRefusal>> {
  const connector = await context.connectors.registry.find(type);
  if (connector === undefined) return connectorNotFound(type);
  const errors = checkChanges(connector, changes);
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const at = new Date(context.clock.now());
  const state = await inTransaction(context.database, options, async (tx) => {
    const stored = await lockConnector(tx, workspace.id, type, at);
    const before = openCredentials(context.keyring, stored, stored.sealedCredentials);
    const credentials = merged(before, changes.credentials) as Readonly<Record<string, string>>;
    const row = await updateConnectorRow(tx, {
      ...applied(connector, stored, changes, at),
      sealedCredentials:
        Object.keys(credentials).length === 0
          ? undefined
          : sealCredentials(context.keyring, stored, credentials),
    });
    await releaseDispatches(tx, { workspaceId: workspace.id, connector: type }, at);
    // What is planned depends on the workspace as processes remember it.
    await insertChange(tx, {
      workspaceId: workspace.id,
      id: context.createId(at.getTime()),
      topic: 'workspace',
      subject: { id: workspace.id },
      at,
    });
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'connector.updated',
      subject: { type: 'connector', id: type },
      changes: changedFields(told(stored, before), told(row, credentials)),
    });
    return connectorState(connector, row, new Set(Object.keys(credentials)));
  });
  context.workspaces.forget(workspace.id);
  context.jobs.wake('deliver_conversions');
  return ok(state);
}

/** Of credentials only which ones there are. */
function told(
  { enabled, eventTypes, settings, test }: StoredConnector,
  credentials: Readonly<Record<string, unknown>>,
) {
  return { enabled, eventTypes, settings, test, credentials: Object.keys(credentials).sort() };
}

export function connectorNotFound(type: string): ConnectorNotFound {
  return refuse('connector_not_found', `There is no connector "${type.slice(0, 40)}".`);
}

function applied(
  connector: Connector,
  stored: StoredConnector,
  { enabled = stored.enabled, eventTypes, settings, test = stored.test }: ConnectorChanges,
  at: Date,
) {
  const chosen = stored.eventTypes.length === 0 ? connector.eventTypes : stored.eventTypes;
  return {
    workspaceId: stored.workspaceId,
    type: stored.type,
    enabled,
    // Conversions from before somebody wanted them sent are not sent by themselves.
    enabledAt: enabled && !stored.enabled ? at : stored.enabledAt,
    eventTypes: eventTypes ?? chosen,
    settings: merged(stored.settings, settings),
    test,
    updatedAt: at,
  };
}

function merged(
  before: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const entries = Object.entries({ ...before, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

/** Messages never repeat a value: it may be a secret. */
function checkChanges(connector: Connector, changes: ConnectorChanges): FieldErrors {
  const errors: Record<string, readonly string[]> = {};
  const { eventTypes, settings = {}, credentials = {}, test } = changes;
  const supported: readonly string[] = connector.eventTypes;
  if (
    eventTypes !== undefined &&
    (!Array.isArray(eventTypes) ||
      eventTypes.length === 0 ||
      eventTypes.some((type: unknown) => !supported.includes(String(type))))
  )
    errors['eventTypes'] = [`must be some of ${supported.join(', ')}`];
  if (test === true && connector.testMode === undefined)
    errors['test'] = [`must be false: ${connector.label} has no test mode`];
  for (const [name, value] of Object.entries(settings)) {
    const field = connector.settings[name];
    const problem =
      field === undefined
        ? unknownName(Object.keys(connector.settings))
        : value === null || value === undefined
          ? undefined
          : settingProblem(field, value);
    if (problem !== undefined) errors[`settings.${name}`] = [problem];
  }
  for (const [name, value] of Object.entries(credentials)) {
    const field = connector.credentials[name];
    const problem =
      field === undefined
        ? unknownName(Object.keys(connector.credentials))
        : value === null
          ? undefined
          : typeof value === 'string'
            ? credentialProblem(field, value)
            : 'must be a text';
    if (problem !== undefined) errors[`credentials.${name}`] = [problem];
  }
  return errors;
}

function unknownName(known: readonly string[]): string {
  return known.length === 0 ? 'is not known: there are none' : `is not one of ${known.join(', ')}`;
}
