import { Select } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';

export interface DomainSelectProps {
  readonly value?: string;
  readonly error?: string | undefined;
  readonly label?: string;
  /** What stands there while none is chosen. */
  readonly placeholder?: string;
  readonly onChange?: (value: string) => void;
}

/** The hosts that links of this workspace are served on. */
export function DomainSelect({
  value = '',
  error,
  label = t.links.domain,
  placeholder = t.links.defaultDomain,
  onChange,
}: DomainSelectProps) {
  const domains = useRead('listDomains', { limit: 100 });
  const hosts = (domains.data ?? []).map((domain) => ({
    value: domain.host,
    label: domain.verified ? domain.host : t.links.unverifiedHost(domain.host),
  }));
  return (
    <Select
      label={label}
      placeholder={placeholder}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      data={hosts}
      value={value === '' ? null : value}
      onChange={(next) => onChange?.(next ?? '')}
      error={error}
    />
  );
}
