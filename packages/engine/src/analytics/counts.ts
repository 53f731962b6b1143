const names = [
  'events',
  'pageviews',
  'people',
  'newPeople',
  'identifiedPeople',
  'sessions',
  'bounces',
  'engaged',
  'seconds',
] as const;

type Name = (typeof names)[number];

/** Sums of groups, by columns. */
export interface Counts {
  /** One more group, of zeros; its number. */
  add(): number;
  /** To add to, by group; good until the next group is added. */
  columns(): Readonly<Record<Name, Float64Array>>;
  of(group: number): Readonly<Record<Name, number>>;
}

export function createCounts(): Counts {
  let size = 0;
  let columns = columnsOf(16);
  return {
    add() {
      if (size === columns.events.length) {
        const more = columnsOf(size * 2);
        for (const name of names) more[name].set(columns[name]);
        columns = more;
      }
      size += 1;
      return size - 1;
    },
    columns: () => columns,
    // Spelled out: a report may have thousands of groups, and an object of entries takes ten times as long.
    of: (group) => ({
      events: columns.events[group]!,
      pageviews: columns.pageviews[group]!,
      people: columns.people[group]!,
      newPeople: columns.newPeople[group]!,
      identifiedPeople: columns.identifiedPeople[group]!,
      sessions: columns.sessions[group]!,
      bounces: columns.bounces[group]!,
      engaged: columns.engaged[group]!,
      seconds: columns.seconds[group]!,
    }),
  };
}

function columnsOf(length: number): Record<Name, Float64Array> {
  return Object.fromEntries(names.map((name) => [name, new Float64Array(length)])) as Record<
    Name,
    Float64Array
  >;
}
