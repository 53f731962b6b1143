import type { Context } from '../context.ts';
import { minute } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { privacyRules } from '../privacy/privacy-rules.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { DispatchQuestion, DispatchVerdict } from './connector-options.ts';
import { skipReasons } from './dispatch.ts';
import type { ClaimedDispatch, DispatchResult } from './dispatch.ts';
import { judgeConversion } from './eligibility.ts';
import type { GatheredConversion } from './gather-conversions.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

/** A dispatch with what may be sent of its conversion. */
export interface SendableDispatch {
  readonly dispatch: ClaimedDispatch;
  readonly conversion: OutgoingConversion;
}

/** A refund looks again for its conversion, and a policy that threw is asked again. */
const lookAgainAfter = minute;

/**
 * What may be sent of a conversion, by what holds now: consent may have been withdrawn, the time be over, the policy have
 * changed since it was planned.
 */
export async function judgeDispatch(
  context: Context,
  workspace: Workspace,
  { connector, configuration }: ConfiguredConnector,
  dispatch: ClaimedDispatch,
  gathered: GatheredConversion,
): Promise<SendableDispatch | DispatchResult> {
  const now = context.clock.now();
  const skip = (reason: string, message: string): DispatchResult => ({
    dispatch,
    status: 'skipped',
    reason,
    message,
  });
  if (!privacyRules(workspace.settings).people) return skip('privacy', skipReasons.privacy);
  if (gathered.kind === 'gone') return skip('event_gone', skipReasons.event_gone);
  if (gathered.kind === 'original_not_delivered')
    return skip(gathered.kind, skipReasons.original_not_delivered);
  if (gathered.kind === 'waiting')
    return { dispatch, status: 'pending', dueAt: now + lookAgainAfter };

  const { unaskedConsent } = context.options.connectors ?? {};
  const judged = judgeConversion(connector, gathered.conversion, {
    now: new Date(now),
    configuration,
    ...(unaskedConsent !== undefined && { unasked: unaskedConsent }),
  });
  if (!judged.ok) {
    if (judged.code !== 'in_the_future') return skip(judged.code, judged.message);
    return { dispatch, status: 'pending', dueAt: dispatch.occurredAt.getTime() };
  }
  const conversion = judged.value;
  // Its process ended while it was sent, and this platform would count a repeat.
  if (dispatch.wasAbandoned && connector.deduplicates?.(conversion, configuration) === false)
    return { dispatch, status: 'failed', reason: 'unanswered', message: skipReasons.abandoned };
  return askPolicy(context, { dispatch, conversion });
}

async function askPolicy(
  context: Context,
  sendable: SendableDispatch,
): Promise<SendableDispatch | DispatchResult> {
  const { policy } = context.options.connectors ?? {};
  if (policy === undefined) return sendable;
  const { dispatch } = sendable;
  let verdict: DispatchVerdict;
  try {
    verdict = await policy(questionOf(sendable));
  } catch (error) {
    context.logger.error('The dispatch policy failed.', { error: describeFault(error) });
    const dueAt = context.clock.now() + lookAgainAfter;
    return { dispatch, status: 'pending', reason: 'policy_failed', dueAt };
  }
  if (verdict === 'allow') return sendable;
  const message = `${skipReasons.policy} ${verdict.reject.slice(0, 200)}`;
  return { dispatch, status: 'skipped', reason: 'policy', message };
}

function questionOf({ dispatch, conversion }: SendableDispatch): DispatchQuestion {
  const signals = Object.entries(conversion.signals).map(([name, { value }]) => [name, value]);
  return {
    workspaceId: dispatch.workspaceId,
    connector: dispatch.connector,
    event: {
      id: dispatch.eventId,
      type: dispatch.eventType,
      name: conversion.name,
      occurredAt: conversion.occurredAt,
      money: conversion.money,
    },
    signals: Object.fromEntries(signals) as Record<string, string>,
    consent: conversion.consent,
  };
}
