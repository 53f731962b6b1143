import type { Context } from '../context.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import type { IngestOutcome } from '../ingest/event.ts';
import { trackEvent } from '../ingest/track-event.ts';
import type { TrackEventInput, TrackEventOptions } from '../ingest/track-event.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';

export type SubmitConversionInput = Omit<TrackEventInput, 'type' | 'visitorId'>;

export interface SubmitConversionOptions extends TrackEventOptions {
  /** Click ids and cookies of ad platforms, by the platform's spelling; they win over what the visitor's touches have. */
  readonly connectorSignals?: Readonly<Record<string, string>>;
}

/**
 * Records a conversion of a known visitor with what its request says to ad platforms. Any conversion is sent to the
 * connectors that are switched on; this is for hosts that have the signals at hand.
 */
export function submitConversion(
  context: Context,
  workspace: Workspace,
  type: 'lead' | 'sale' | 'registration',
  visitor: string | { readonly id: string },
  input: SubmitConversionInput,
  { connectorSignals, ...options }: SubmitConversionOptions = {},
): Promise<Result<IngestOutcome, EventRefusal>> {
  const signals = { ...input.signals, ...connectorSignals };
  const event = {
    ...input,
    type,
    visitorId: typeof visitor === 'string' ? visitor : visitor.id,
    ...(Object.keys(signals).length > 0 && { signals }),
  };
  return trackEvent(context, workspace, event, options);
}
