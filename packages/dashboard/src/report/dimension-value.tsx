import { useRead } from '../api/use-api.ts';
import { countryFlag, countryName } from '../format/place.ts';
import { t } from '../messages/messages.ts';
import { notSet } from './filter.ts';

export interface DimensionValueProps {
  readonly dimension: string;
  readonly value: string | null;
}

/** A value of a report as people call it: the name of a country, the address of a link. */
export function DimensionValue({ dimension, value }: DimensionValueProps) {
  if (value === null || value === notSet)
    return <span style={{ opacity: 0.65 }}>{t.report.none}</span>;
  if (dimension === 'country') return `${countryFlag(value)} ${countryName(value)}`;
  if (dimension === 'link') return <LinkValue id={value} />;
  if (dimension === 'device_type') return t.deviceTypes[value as never] ?? value;
  if (dimension === 'event_type') return t.eventTypes[value as never] ?? value;
  return value;
}

function LinkValue({ id }: { readonly id: string }) {
  const link = useRead('getLink', { id }, { keepsPrevious: false });
  return link.data === undefined
    ? `${id.slice(0, 8)}…`
    : link.data.short_url.replace(/^https?:\/\//, '');
}
