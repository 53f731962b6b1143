import { useState } from 'react';

import type { BreakdownRow } from '@headwater/client/api';
import { Tooltip } from '@mantine/core';

import { formatNumber, formatPercent } from '../format/number.ts';
import { countryFlag, countryName } from '../format/place.ts';
import { t } from '../messages/messages.ts';
import { shadeOf } from './map-shade.ts';
import { mapHeight, mapWidth, worldOutlines } from './world-outlines.ts';

export interface CountriesMapProps {
  readonly rows: readonly BreakdownRow[];
  /** Told the code (ISO 3166-1 alpha-2) of a country that is clicked. */
  readonly onCountry: (code: string) => void;
}

/** The countries of the world, darker where more people are. For keyboards and screen readers there is the list. */
export function CountriesMap({ rows, onCountry }: CountriesMapProps) {
  const [under, setUnder] = useState<string>();
  const people = new Map(rows.map((row) => [row.value, row.people ?? 0]));
  const all = [...people.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...people.values());
  const label =
    under === undefined
      ? ''
      : `${countryFlag(under)} ${t.overview.mapPeople(
          countryName(under),
          formatNumber(people.get(under) ?? 0),
          formatPercent((people.get(under) ?? 0) / Math.max(1, all)),
        )}`;
  return (
    <Tooltip.Floating label={label} disabled={under === undefined}>
      <svg
        viewBox={`0 0 ${mapWidth} ${mapHeight}`}
        role="img"
        aria-label={t.overview.mapCaption(formatNumber(rows.length))}
        style={{ display: 'block', width: '100%', height: 'auto' }}
        onPointerLeave={() => setUnder(undefined)}
      >
        {worldOutlines.map(({ code, path, key }) => {
          const count = people.get(code) ?? 0;
          return (
            <path
              key={key}
              d={path}
              data-country={code}
              fill={shadeOf(count / most)}
              stroke="var(--mantine-color-body)"
              strokeWidth={under === code && code !== '' ? 0 : 0.6}
              style={{
                cursor: count > 0 ? 'pointer' : 'default',
                filter: under === code && count > 0 ? 'brightness(1.12)' : undefined,
              }}
              onPointerEnter={() => setUnder(code === '' ? undefined : code)}
              onClick={() => {
                if (count > 0) onCountry(code);
              }}
            />
          );
        })}
      </svg>
    </Tooltip.Floating>
  );
}
