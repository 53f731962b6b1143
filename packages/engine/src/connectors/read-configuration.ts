import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { FieldErrors, ValidationRefusal } from '../kernel/validation.ts';
import type { Configuration, Connector, CredentialField, SettingField } from './connector.ts';

/** Longer credentials are a mistake; the longest real ones are JSON web tokens and private keys. */
const credentialLengthMax = 8_192;

/**
 * What a workspace stored for a connector, complete: settings that are absent have their defaults. Refused where a
 * credential is missing or malformed; messages never repeat a value.
 */
export function readConfiguration(
  connector: Connector,
  stored: {
    readonly credentials: Readonly<Record<string, string | undefined>>;
    readonly settings?: Readonly<Record<string, unknown>>;
  },
): Result<Configuration, ValidationRefusal> {
  const errors: Record<string, readonly string[]> = {
    ...unknownNames('credentials', connector.credentials, stored.credentials),
    ...unknownNames('settings', connector.settings, stored.settings ?? {}),
  };
  const credentials: Record<string, string> = {};
  for (const [name, field] of Object.entries(connector.credentials)) {
    const value = stored.credentials[name];
    if (value === undefined && field.optional === true) continue;
    const problem = credentialProblem(field, value);
    if (problem !== undefined) errors[`credentials.${name}`] = [problem];
    else if (value !== undefined) credentials[name] = value;
  }
  const settings: Record<string, string | number | boolean> = {};
  for (const [name, field] of Object.entries(connector.settings)) {
    const value = stored.settings?.[name] ?? field.default;
    const problem = settingProblem(field, value);
    if (problem !== undefined) errors[`settings.${name}`] = [problem];
    else settings[name] = value as string | number | boolean;
  }
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  // The values are those of the fields, which the types can't follow.
  const configuration = { credentials, settings } as Configuration;
  const more = connector.check?.(configuration);
  return more === undefined || Object.keys(more).length === 0
    ? ok(configuration)
    : refuseFields(more);
}

/** What is wrong with one credential, for the call that stores it; `undefined`: nothing. */
export function credentialProblem(
  field: CredentialField,
  value: string | undefined,
): string | undefined {
  if (value === undefined || value === '') return 'is required';
  if (value.length > credentialLengthMax)
    return `must have at most ${credentialLengthMax} characters`;
  // They become headers and parts of URLs.
  if (value !== value.trim() || /\p{Cc}/u.test(value))
    return 'must have no spaces around it and no control characters';
  return matches(field, value) ? undefined : (field.rule ?? 'is malformed');
}

/** What is wrong with the value of a setting; `undefined`: nothing. */
export function settingProblem(field: SettingField, value: unknown): string | undefined {
  if (field.type === 'boolean')
    return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (field.type === 'integer')
    return Number.isInteger(value) && Number(value) >= field.min && Number(value) <= field.max
      ? undefined
      : `must be a whole number from ${field.min} to ${field.max}`;
  if (field.type === 'choice')
    return field.choices.some((choice) => choice === value)
      ? undefined
      : `must be one of ${field.choices.join(', ')}`;
  if (typeof value !== 'string') return 'must be text';
  return matches(field, value) ? undefined : (field.rule ?? 'is malformed');
}

function matches(field: { readonly pattern?: string }, value: string): boolean {
  return field.pattern === undefined || new RegExp(`^(?:${field.pattern})$`, 'u').test(value);
}

function unknownNames(place: string, fields: object, given: object): FieldErrors {
  const known = Object.keys(fields);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return Object.fromEntries(
    unknown.map((name) => [
      `${place}.${name}`,
      [known.length === 0 ? 'is not known: there are none' : `is not one of ${known.join(', ')}`],
    ]),
  );
}
