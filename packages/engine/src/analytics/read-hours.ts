import { hour as hourLength } from '../kernel/clock.ts';
import type { ActivityBlock, CodedColumn, PeopleColumns } from './activity-block.ts';
import { selectHourParts } from './activity-hour-store.ts';
import type { HourPart } from './activity-codec.ts';
import type { ActivityNeeds, Reading } from './activity-store.ts';
import type { HourCache } from './hour-cache.ts';

const noPeople: PeopleColumns = {
  count: 0,
  visitors: new Uint8Array(0),
  people: new Uint8Array(0),
  firstSeen: new Uint32Array(0),
  identified: new Uint8Array(0),
};

/** Gives stored hours, in the order in which they are named; of those in which nothing happened, nothing. */
export async function readHours(
  reading: Reading,
  cache: HourCache,
  hours: ReadonlyArray<{ readonly hour: number; readonly revision: string }>,
  needs: ActivityNeeds,
): Promise<ActivityBlock[]> {
  const parts: HourPart[] = [
    'visits',
    'activity',
    ...(needs.people ? (['people'] as const) : []),
    ...(needs.hits ? (['hits'] as const) : []),
    ...needs.dimensions,
  ];
  const keys = hours.map(({ hour, revision }) => ({
    workspaceId: reading.workspaceId,
    hour,
    revision,
  }));
  const found = keys.map((key) => new Map(parts.map((part) => [part, cache.find(key, part)])));
  const missing = parts.filter((part) => found.some((there) => there.get(part) === undefined));
  const wanted = keys.flatMap(({ hour }, at) =>
    missing.some((part) => found[at]!.get(part) === undefined) ? [hour] : [],
  );
  const places = new Map(hours.map(({ hour }, at) => [hour, at]));
  for (const row of await selectHourParts(reading, wanted, missing)) {
    const at = places.get(row.hour)!;
    for (const part of missing)
      found[at]!.set(part, found[at]!.get(part) ?? cache.add(keys[at]!, part, row[part] ?? null));
  }
  return found.flatMap((there, at) => {
    if (there.get('activity') === 'empty') return [];
    return [
      {
        startsAt: hours[at]!.hour,
        slotLength: hourLength / 4,
        slots: 4,
        visits: there.get('visits') as ActivityBlock['visits'],
        activity: there.get('activity') as ActivityBlock['activity'],
        people: needs.people ? (there.get('people') as PeopleColumns) : noPeople,
        hits: needs.hits ? (there.get('hits') as ActivityBlock['hits']) : undefined,
        dimensions: Object.fromEntries(
          [...needs.dimensions].map((dimension) => [
            dimension,
            there.get(dimension) as CodedColumn,
          ]),
        ),
      },
    ];
  });
}
