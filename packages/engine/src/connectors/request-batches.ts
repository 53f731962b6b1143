import type { Connector, ConnectorContext, Payload } from './connector.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

/** A conversion in the platform's words. */
export interface BuiltConversion {
  readonly conversion: OutgoingConversion;
  readonly payload: Payload;
}

/** In the order given; one group for each request, and in test mode one conversion, as some platforms want. */
export function cutIntoRequests(
  { batch }: Connector,
  rows: readonly BuiltConversion[],
  { test }: ConnectorContext,
): BuiltConversion[][] {
  const conversionsMax = test ? 1 : batch.conversionsMax;
  const bytesMax = batch.bytesMax ?? Infinity;
  const requests: BuiltConversion[][] = [];
  const open = new Map<string, { rows: BuiltConversion[]; bytes: number }>();
  for (const row of rows) {
    const group = row.payload.group ?? '';
    const bytes = bytesMax === Infinity ? 0 : Buffer.byteLength(JSON.stringify(row.payload.body));
    const current = open.get(group);
    if (
      current !== undefined &&
      current.rows.length < conversionsMax &&
      current.bytes + bytes <= bytesMax
    ) {
      current.rows.push(row);
      current.bytes += bytes;
    } else {
      const next = { rows: [row], bytes };
      open.set(group, next);
      requests.push(next.rows);
    }
  }
  return requests;
}

/** Without what was wrong; in halves where nothing was known to be. */
export function smallerBatches(
  again: BuiltConversion[],
  sentTogether: number,
): BuiltConversion[][] {
  if (again.length === 0) return [];
  if (again.length < sentTogether) return [again];
  const middle = Math.ceil(again.length / 2);
  return [again.slice(0, middle), again.slice(middle)];
}
