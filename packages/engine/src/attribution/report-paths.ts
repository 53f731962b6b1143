import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import type { Money } from '../kernel/money.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { subjectOf } from './dimension.ts';
import type { Dimension, RowSubject } from './dimension.ts';
import type { Path } from './models/path.ts';
import { findLinkNames } from './path-store.ts';
import { readQuestion } from './question.ts';
import type { QuestionInput } from './question.ts';
import { readAttributed } from './read-attributed.ts';
import { toMoney } from './report-rows.ts';

export interface PathReportInput extends QuestionInput {
  /** Whether the same value several times in a row is one step of a path, or each is. @default 'each' */
  readonly repeats?: 'each' | 'once' | undefined;
  /** Paths, 1 to 100,000. @default 50 */
  readonly limit?: number | undefined;
  /** @default 0 */
  readonly offset?: number | undefined;
}

/** Conversions with something in common. */
export interface PathGroup {
  readonly conversions: number;
  /** Less refunds. Sorted by currency. */
  readonly revenue: readonly Money[];
}

export interface TopPath extends PathGroup {
  /** Oldest first; empty where no touch could earn the conversion. */
  readonly steps: ReadonlyArray<RowSubject & { readonly label: string | undefined }>;
  /** From the first touch to the conversion, on the average. `undefined` for the empty path. */
  readonly averageDays: number | undefined;
}

export interface PathReport {
  readonly from: Date;
  readonly to: Date;
  readonly timezone: string;
  readonly dimension: Dimension;
  readonly totals: PathGroup;
  /** How many different paths there are. */
  readonly pathCount: number;
  /** Those of most conversions first. */
  readonly paths: readonly TopPath[];
  /** By the number of touches, ascending. */
  readonly lengths: ReadonlyArray<PathGroup & { readonly touches: number }>;
  /** From the first touch to the conversion; conversions without a touch are left out. */
  readonly timeToConvert: {
    readonly averageDays: number | undefined;
    readonly medianDays: number | undefined;
    /** In days, from `fromDays` up to `toDays`, which is the next one's; the last one is open. */
    readonly buckets: ReadonlyArray<
      PathGroup & { readonly fromDays: number; readonly toDays: number | undefined }
    >;
  };
}

const limitMax = 100_000;
/** Days at which the buckets of the time to convert begin. */
const bucketStarts = [0, 1, 2, 4, 8, 15, 31, 61] as const;
const separator = '\u001f';

interface Group {
  conversions: number;
  readonly money: Map<string, bigint>;
}

/** The ways that led to conversions: which were taken most, how long they are, and how much time they took. */
export async function reportPaths(
  context: Context,
  workspace: Workspace,
  input: PathReportInput = {},
): Promise<Result<PathReport, ValidationRefusal>> {
  const asked = readQuestion(workspace, input, context.clock.now());
  if (!asked.ok) return asked;
  const { limit = 50, offset = 0, repeats = 'each' } = input;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax)
    return refuseField('limit', `must be a whole number from 1 to ${limitMax}`);
  if (!Number.isSafeInteger(offset) || offset < 0)
    return refuseField('offset', 'must be a whole number, 0 or more');
  if (repeats !== 'each' && repeats !== 'once')
    return refuseField('repeats', 'must be each or once');

  const total = newGroup();
  const paths = new Map<string, Group & { readonly keys: readonly string[]; duration: number }>();
  const lengths = new Map<number, Group>();
  const buckets = bucketStarts.map(newGroup);
  const durations: number[] = [];
  for await (const page of readAttributed(context, { ...asked.value, needsLeads: false })) {
    for (const { conversion, balance, path } of page) {
      if (balance.removed) continue;
      const money = { currency: conversion.currency, amount: balance.netMinor };
      const keys = stepsOf(path, repeats);
      const key = keys.join(separator);
      const first = path.touches[0];
      const duration = first === undefined ? undefined : conversion.occurredAt - first.occurredAt;
      const known = paths.get(key) ?? { ...newGroup(), keys, duration: 0 };
      paths.set(key, known);
      known.duration += duration ?? 0;
      const length = lengths.get(path.touches.length) ?? newGroup();
      lengths.set(path.touches.length, length);
      const groups = [total, known, length];
      if (duration !== undefined) {
        durations.push(duration);
        const place = bucketStarts.findLastIndex((start) => duration >= start * day);
        groups.push(...buckets.slice(place, place + 1));
      }
      for (const group of groups) join(group, money);
    }
  }

  const sorted = [...paths.values()]
    .toSorted((a, b) => b.conversions - a.conversions || (a.keys.join() < b.keys.join() ? -1 : 1))
    .slice(offset, offset + limit);
  const { scope, period, timezone } = asked.value;
  const names =
    scope.dimension === 'link'
      ? await findLinkNames(context.database, scope.workspaceId, [
          ...new Set(
            sorted.flatMap(({ keys }) => keys.flatMap((key) => subjectOf(key).value ?? [])),
          ),
        ])
      : new Map<string, string>();
  return ok({
    from: new Date(period.from),
    to: new Date(period.to),
    timezone,
    dimension: scope.dimension,
    totals: toGroup(total),
    pathCount: paths.size,
    paths: sorted.map(({ keys, duration, ...group }) => ({
      ...toGroup(group),
      steps: keys.map((key) => ({ ...subjectOf(key), label: names.get(key) })),
      averageDays: keys.length === 0 ? undefined : toDays(duration / group.conversions),
    })),
    lengths: [...lengths]
      .toSorted(([a], [b]) => a - b)
      .map(([touches, group]) => ({ touches, ...toGroup(group) })),
    timeToConvert: {
      averageDays:
        durations.length === 0
          ? undefined
          : toDays(durations.reduce((sum, each) => sum + each, 0) / durations.length),
      medianDays: medianOf(durations),
      buckets: bucketStarts.map((fromDays, place) => ({
        fromDays,
        toDays: bucketStarts[place + 1],
        ...toGroup(buckets[place] ?? newGroup()),
      })),
    },
  });
}

function stepsOf({ touches }: Path, repeats: 'each' | 'once'): readonly string[] {
  const keys = touches.map(({ channel }) => channel);
  return repeats === 'each' ? keys : keys.filter((key, place) => key !== keys[place - 1]);
}

function newGroup(): Group {
  return { conversions: 0, money: new Map() };
}

function join(
  group: Group,
  { currency, amount }: { readonly currency: string | undefined; readonly amount: bigint },
): void {
  group.conversions += 1;
  if (currency !== undefined) group.money.set(currency, (group.money.get(currency) ?? 0n) + amount);
}

function toGroup({ conversions, money }: Group): PathGroup {
  return { conversions, revenue: toMoney(money) };
}

function medianOf(durations: readonly number[]): number | undefined {
  const sorted = Float64Array.from(durations).sort();
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  const low = sorted[Math.ceil(middle) - 1] ?? 0;
  return toDays((low + (sorted[Math.floor(middle)] ?? low)) / 2);
}

function toDays(milliseconds: number): number {
  return Math.round((milliseconds / day) * 1_000) / 1_000;
}
