import type { RouteCondition } from '@headwater/client/api';

import { formatInstant } from '../format/time.ts';
import { formatNumber } from '../format/number.ts';
import { countryName } from '../format/place.ts';
import { t } from '../messages/messages.ts';

/** A condition in a line: `Country is not Germany, Austria`. */
export function conditionWords(condition: RouteCondition): string {
  const verb = condition.not === true ? t.linkRules.isNot : t.linkRules.is;
  return `${t.linkRules.kinds[condition.kind]} ${verb} ${valueWords(condition)}`;
}

function valueWords(condition: RouteCondition): string {
  switch (condition.kind) {
    case 'time': {
      const { zone, days = [], from, to, after, before } = condition;
      const format = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' });
      // 1 January 2024 was a Monday.
      const names = days.map((day) => format.format(new Date(Date.UTC(2024, 0, day))));
      return [
        ...(names.length > 0 ? [names.join(', ')] : []),
        ...(from !== undefined || to !== undefined
          ? [t.linkRules.between(from ?? '00:00', to ?? '24:00')]
          : []),
        ...(after === undefined ? [] : [t.linkRules.afterWords(formatInstant(after, zone))]),
        ...(before === undefined ? [] : [t.linkRules.beforeWords(formatInstant(before, zone))]),
        `(${zone})`,
      ].join(' ');
    }
    case 'query':
      return condition.in === undefined
        ? condition.name
        : `${condition.name}=${condition.in.join(', ')}`;
    case 'visitor':
      return t.linkRules.standings[condition.is];
    case 'clicks':
      return t.linkRules.clickRange(
        condition.from === undefined ? undefined : formatNumber(condition.from),
        condition.below === undefined ? undefined : formatNumber(condition.below),
      );
    case 'share':
      return t.linkRules.shareWords(condition.percent);
    case 'country':
      return condition.in.map((code) => countryName(code.toUpperCase())).join(', ');
    case 'device':
      return condition.in.map((type) => t.deviceTypes[type] ?? type).join(', ');
    case 'region':
    case 'city':
    case 'system':
    case 'browser':
    case 'language':
    case 'referrer':
    case 'address':
      return condition.in.join(', ');
  }
}
