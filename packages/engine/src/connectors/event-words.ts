import type { SettingFields, SettingValues } from './connector.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

type Words = Readonly<Record<'lead' | 'sale' | 'registration', string>>;

/** The settings with which a workspace renames events: a platform counts one only once if its own script says the same. */
export function eventNameSettings(words: Words) {
  const field = (label: string, name: string) =>
    ({
      type: 'text',
      label,
      description: 'As the script of the platform on the page names the same event.',
      default: name,
      pattern: '.{1,64}',
      rule: 'must have 1 to 64 characters',
    }) as const;
  return {
    lead_event: field('Event of leads', words.lead),
    sale_event: field('Event of sales', words.sale),
    registration_event: field('Event of registrations', words.registration),
  };
}

export function eventName(
  type: OutgoingConversion['type'],
  settings: SettingValues<ReturnType<typeof eventNameSettings>>,
): string {
  if (type === 'lead') return settings.lead_event;
  return type === 'registration' ? settings.registration_event : settings.sale_event;
}

/**
 * The settings for ids of each type's own, of a conversion action or rule, beside the one for all.
 *
 * @param what `conversion_action_id`
 */
export function ownIdSettings<const What extends string>(what: What, label: string) {
  const field = (type: string) =>
    ({
      type: 'text',
      label: `${label} of ${type}`,
      description: 'Empty: the one for all.',
      default: '',
    }) as const;
  return {
    [`lead_${what}`]: field('leads'),
    [`sale_${what}`]: field('sales'),
    [`registration_${what}`]: field('registrations'),
  } as Readonly<Record<`${'lead' | 'sale' | 'registration'}_${What}`, ReturnType<typeof field>>>;
}

/** The id for one type of conversion: its own, or the one for all. */
export function idOf(
  type: Exclude<OutgoingConversion['type'], 'refund'>,
  what: string,
  settings: SettingValues<SettingFields>,
  common: string,
): string {
  const own = settings[`${type}_${what}`];
  return typeof own === 'string' && own !== '' ? own : common;
}
