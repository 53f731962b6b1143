import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { connectorNotFound } from './change-connector.ts';
import type { ConnectorNotFound } from './change-connector.ts';
import { contextOf } from './configured-connector.ts';
import { findConnector } from './connector-store.ts';
import type { JsonObject, OutgoingRequest } from './connector.ts';
import { openCredentials } from './credentials.ts';
import { findDispatch } from './dispatch-store.ts';
import { judgeConversion } from './eligibility.ts';
import { gatherConversions } from './gather-conversions.ts';
import { dispatchNotFound } from './list-dispatches.ts';
import type { DispatchNotFound } from './list-dispatches.ts';
import { estimateMatch } from './match-quality.ts';
import type { MatchQuality } from './match-quality.ts';
import { readConfiguration } from './read-configuration.ts';
import { redactRequest, secretsOf } from './redact-request.ts';

/** What would be sent for a conversion now. */
export interface DispatchPreview {
  /** Whether anything would be sent. */
  readonly sends: boolean;
  /** Why not, or what is wrong. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** The conversion in the platform's words. */
  readonly payload: JsonObject | undefined;
  /** The request with its secrets blacked out. */
  readonly request: OutgoingRequest | undefined;
  /** What the platform will make of it: an estimate. */
  readonly match: MatchQuality | undefined;
}

/** Shows what a dispatch would send if it was sent now; sends nothing. The payload has hashes, no credentials. */
export async function previewDispatch(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<DispatchPreview, DispatchNotFound | ConnectorNotFound>> {
  const { db } = context.database;
  const found = isUuid(id) ? await findDispatch(db, workspace.id, id.toLowerCase()) : undefined;
  if (found === undefined) return dispatchNotFound();
  const connector = await context.connectors.registry.find(found.connector);
  if (connector === undefined) return connectorNotFound(found.connector);
  const gathered = (await gatherConversions(context, workspace, [found])).get(found.id);
  if (gathered?.kind !== 'conversion') return ok(nothing(gathered?.kind ?? 'gone', undefined));
  const { conversion } = gathered;
  const match = estimateMatch(connector, conversion);
  const stored = await findConnector(db, workspace.id, connector.type);
  const configuration = readConfiguration(connector, {
    credentials:
      stored === undefined
        ? {}
        : openCredentials(context.keyring, stored, stored.sealedCredentials),
    settings: stored?.settings ?? {},
  });
  if (stored === undefined || !configuration.ok) {
    const message = configuration.ok ? 'The connector is not set up.' : configuration.message;
    return ok({ ...nothing('configuration_incomplete', message), match });
  }
  const { unaskedConsent } = context.options.connectors ?? {};
  const judged = judgeConversion(connector, conversion, {
    now: new Date(context.clock.now()),
    configuration: configuration.value,
    ...(unaskedConsent !== undefined && { unasked: unaskedConsent }),
  });
  if (!judged.ok) return ok({ ...nothing(judged.code, judged.message), match });
  const configured = { connector, stored, configuration: configuration.value };
  const asking = contextOf(configured, 'access-token', context.clock.now());
  const built = connector.build(judged.value, asking);
  if (!built.ok) return ok({ ...nothing(built.code, built.message), match });
  const request = connector.request?.([built.value], asking);
  return ok({
    sends: true,
    reason: undefined,
    message: undefined,
    payload: built.value.body,
    request: request && redactRequest(request, secretsOf(connector, asking)),
    match: estimateMatch(connector, judged.value),
  });
}

function nothing(reason: string, message: string | undefined): DispatchPreview {
  return {
    sends: false,
    reason,
    message,
    payload: undefined,
    request: undefined,
    match: undefined,
  };
}
