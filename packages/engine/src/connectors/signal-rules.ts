import type { SignalRule } from './connector.ts';

/** A click id in the URL of a landing. */
export function clickParameter(days: number): SignalRule {
  return { window: { days }, from: 'url' };
}

/** The same, or the browser's own id, as the platform's script keeps it. */
export function adCookie(days: number): SignalRule {
  return { window: { days }, from: 'cookie' };
}
