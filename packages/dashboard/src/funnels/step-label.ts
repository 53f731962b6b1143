import type { FunnelStep } from '@headwater/client/api';

import { t } from '../messages/messages.ts';

/** What a step is called: by its own name, or by what it asks for. */
export function stepLabel(step: FunnelStep): string {
  if (step.label !== undefined && step.label !== '') return step.label;
  return step.filters
    .map((filter) => {
      switch (filter.kind) {
        case 'event':
          return filter.name ?? t.eventTypes[filter.type];
        case 'url':
          return filter.value ?? (filter.values ?? []).join(', ');
        case 'property':
          return `${filter.key} ${filter.value ?? (filter.values ?? []).join(', ')}`;
        case 'source':
          return filter.channel ?? filter.source ?? filter.medium ?? filter.campaign ?? '';
        case 'link':
          return t.dimensions.link;
      }
    })
    .join(', ');
}
