import type { TimeCondition } from './link-routing.ts';

const minutesOfDay = 1_440;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Asks the clocks of a zone whether a moment lies in a window. */
export function prepareTimeWindow(condition: TimeCondition): {
  holds(facts: { readonly now: number }): boolean;
  saw(facts: { readonly now: number }): string;
} {
  const after = condition.after === undefined ? -Infinity : Date.parse(condition.after);
  const before = condition.before === undefined ? Infinity : Date.parse(condition.before);
  const from = toMinutes(condition.from) ?? 0;
  const to = toMinutes(condition.to) ?? minutesOfDay;
  const days = condition.days && new Set(condition.days);
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: condition.zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

  function read(now: number): { readonly day: number; readonly minute: number } {
    const parts = clock.formatToParts(now);
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
    return {
      day: weekdays.indexOf(part('weekday')) + 1,
      minute: Number(part('hour')) * 60 + Number(part('minute')),
    };
  }

  return {
    holds({ now }) {
      if (now < after || now >= before) return false;
      const { day, minute } = read(now);
      if (from < to) return minute >= from && minute < to && (days?.has(day) ?? true);
      // Over midnight: the small hours belong to the day before.
      if (minute >= from) return days?.has(day) ?? true;
      return minute < to && (days?.has(day === 1 ? 7 : day - 1) ?? true);
    },
    saw({ now }) {
      const { day, minute } = read(now);
      const two = (value: number): string => String(value).padStart(2, '0');
      return `${weekdays[day - 1]} ${two(Math.floor(minute / 60))}:${two(minute % 60)} ${condition.zone}`;
    },
  };
}

function toMinutes(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
