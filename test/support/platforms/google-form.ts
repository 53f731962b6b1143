/** What the stand-ins of Google's APIs have in common. */
import { object, oneOf, rule } from './form.ts';
import type { Check } from './form.ts';
import type { Judgement } from './stand-in.ts';

export const consent = (prefix: string): Check =>
  object(
    {},
    {
      adUserData: oneOf(`${prefix}GRANTED`, `${prefix}DENIED`),
      adPersonalization: oneOf(`${prefix}GRANTED`, `${prefix}DENIED`),
    },
  );
export const exactlyOne = (names: readonly string[]): Check =>
  rule(
    (value) => names.filter((name) => value[name] !== undefined).length === 1,
    `must have exactly one of ${names.join(', ')}`,
  );

export function failure(
  code: number,
  status: string,
  message: string,
  fieldViolations: readonly unknown[] = [],
): Judgement {
  const details =
    code === 400
      ? [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: status,
            domain: 'datamanager.googleapis.com',
          },
          { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations },
        ]
      : [];
  return { answer: { status: code, body: { error: { code, message, status, details } } } };
}
