import { hour as hourLength } from '../kernel/clock.ts';
import type { ActivityBlock, CodedColumn, PeopleColumns } from './activity-block.ts';
import { selectHourParts } from './activity-hour-store.ts';
import type { HourPart } from './activity-codec.ts';
import type { ActivityNeeds, Reading } from './activity-store.ts';
import type { VisitDimension } from './dimension.ts';
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
  const found = hours.map(({ hour, revision }) => cache.hour(reading.workspaceId, hour, revision));
  const missing = parts.filter((part) => found.some((there) => there.parts[part] === undefined));
  const wanted = hours.flatMap(({ hour }, at) =>
    missing.some((part) => found[at]!.parts[part] === undefined) ? [hour] : [],
  );
  if (wanted.length > 0) {
    const places = new Map(hours.map(({ hour }, at) => [hour, at]));
    for (const row of await selectHourParts(reading, wanted, missing)) {
      const there = found[places.get(row.hour)!]!;
      for (const part of missing)
        if (there.parts[part] === undefined) there.add(part, row[part] ?? null);
    }
  }
  const blocks: ActivityBlock[] = [];
  for (const [at, { parts: there }] of found.entries()) {
    if (there.activity === 'empty') continue;
    const dimensions: Partial<Record<VisitDimension, CodedColumn>> = {};
    for (const dimension of needs.dimensions)
      dimensions[dimension] = there[dimension] as CodedColumn;
    blocks.push({
      startsAt: hours[at]!.hour,
      slotLength: hourLength / 4,
      slots: 4,
      visits: there.visits as ActivityBlock['visits'],
      activity: there.activity as ActivityBlock['activity'],
      people: needs.people ? (there.people as PeopleColumns) : noPeople,
      hits: needs.hits ? (there.hits as ActivityBlock['hits']) : undefined,
      dimensions,
    });
  }
  return blocks;
}
