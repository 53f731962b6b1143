import { minute, toMilliseconds } from '../kernel/clock.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Configuration, Connector, SignalRule } from './connector.ts';
import { signalsOf } from './conversion-signals.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

/** Why a conversion isn't sent to a platform, as the log of dispatches has it. */
export type IneligibleCode =
  | 'event_type_unsupported'
  | 'consent_denied'
  | 'too_old'
  | 'in_the_future'
  | 'signals_missing';

/**
 * Whether a connector takes a conversion now, and what of it may be sent: without signals whose window is over, and
 * without what consent does not allow.
 *
 * @param options.unasked what holds for a purpose that nobody was asked about
 */
export function judgeConversion(
  connector: Connector,
  conversion: OutgoingConversion,
  options: {
    readonly now: Date;
    readonly configuration: Configuration;
    readonly unasked?: 'granted' | 'denied';
  },
): Result<OutgoingConversion, Refusal & { readonly code: IneligibleCode }> {
  const { now, configuration, unasked = 'granted' } = options;
  if (!connector.eventTypes.includes(conversion.type))
    return refuse('event_type_unsupported', `${connector.label} takes no ${conversion.type}`);
  const permitted = permittedPart(connector, conversion, unasked);
  if (permitted === undefined)
    return refuse('consent_denied', `consent does not allow ${connector.label}`);
  const ageMax = connector.ageMax?.(configuration);
  const age = now.getTime() - conversion.occurredAt.getTime();
  if (ageMax !== undefined && age > toMilliseconds(ageMax))
    return refuse(
      'too_old',
      `${connector.label} takes conversions of the last ${inWords(toMilliseconds(ageMax))}`,
    );
  if (-age > toMilliseconds(connector.aheadMax ?? { milliseconds: minute }))
    return refuse('in_the_future', `${connector.label} takes nothing that has not happened yet`);
  const sendable = withSignalsInWindow(connector, permitted);
  const missing = missingSignals(connector, sendable);
  if (missing.length > 0)
    return refuse('signals_missing', `needs ${missing.map(oneOf).join(', and ')}`);
  return ok(sendable);
}

/** The groups of required signals of which the conversion has none. */
export function missingSignals(
  connector: Connector,
  conversion: OutgoingConversion,
): readonly (readonly string[])[] {
  const present = signalsOf(conversion);
  return connector.requiredSignals.filter((group) => !group.some((name) => present.has(name)));
}

/** `undefined`: nothing may be sent. */
function permittedPart(
  connector: Connector,
  conversion: OutgoingConversion,
  unasked: 'granted' | 'denied',
): OutgoingConversion | undefined {
  const { sending, person, device } = connector.consent;
  const isDenied = (purpose: keyof OutgoingConversion['consent']): boolean =>
    (conversion.consent[purpose] ?? unasked) === 'denied';
  if (sending.some(isDenied)) return undefined;
  return {
    ...conversion,
    ...(person.some(isDenied) && { person: {} }),
    ...(device.some(isDenied) && { device: {} }),
  };
}

/** Only signals that the connector knows; each platform ignores a click that is older than its window. */
function withSignalsInWindow(
  connector: Connector,
  conversion: OutgoingConversion,
): OutgoingConversion {
  const happenedAt = conversion.occurredAt.getTime();
  const signals = Object.entries(conversion.signals).filter(([name, { seenAt }]) => {
    const rule = ruleOf(connector, name);
    return rule !== undefined && happenedAt - seenAt.getTime() <= toMilliseconds(rule.window);
  });
  return { ...conversion, signals: Object.fromEntries(signals) };
}

function ruleOf({ signals }: Connector, name: string): SignalRule | undefined {
  if (Object.hasOwn(signals, name)) return signals[name];
  const family = Object.keys(signals).find(
    (each) => each.endsWith('*') && name.startsWith(each.slice(0, -1)),
  );
  return family === undefined ? undefined : signals[family];
}

function oneOf(group: readonly string[]): string {
  return group.length === 1 ? `${group[0]}` : `one of ${group.join(', ')}`;
}

function inWords(milliseconds: number): string {
  const hours = Math.round(milliseconds / (60 * minute));
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
