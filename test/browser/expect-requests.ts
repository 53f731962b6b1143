import type { Page, Request } from 'playwright-core';
import { expect } from 'vitest';

/** An event, or the report of a click, as it left the page. */
export type SentBeacon = Readonly<Record<string, unknown>>;

/** Long enough for what should not be sent to be sent. */
const quietMilliseconds = 400;
const patienceMilliseconds = 10_000;

/**
 * Expects exactly these beacons, in this order, `during` an action in the page; each pattern names the fields that
 * matter. `neverSends` are patterns that nothing may match, for where `sends` is left open.
 *
 * @example
 * await expectRequests(page, {
 *   during: () => page.click('text=Pricing'),
 *   sends: [{ event_type: 'pageview', url: `${shop}/pricing` }],
 * });
 */
export async function expectRequests(
  page: Page,
  expectation: {
    readonly during: () => Promise<unknown>;
    readonly sends?: readonly SentBeacon[];
    readonly neverSends?: readonly SentBeacon[];
  },
): Promise<SentBeacon[]> {
  const { during, sends, neverSends = [] } = expectation;
  const sent: SentBeacon[] = [];
  const record = (request: Request): void => {
    if (request.method() === 'POST' && /\/t\/(?:event|click)(?:\?|$)/.test(request.url())) {
      sent.push(...beaconsIn(request));
    }
  };
  const context = page.context();
  context.on('request', record);
  try {
    await during();
    if (sends !== undefined) await waitUntil(() => sent.length >= sends.length);
    await new Promise((resolve) => setTimeout(resolve, quietMilliseconds));
  } finally {
    context.off('request', record);
  }
  if (sends !== undefined) expect(sent).toMatchObject(sends);
  for (const pattern of neverSends) {
    for (const beacon of sent) expect(beacon).not.toMatchObject(pattern);
  }
  return sent;
}

function beaconsIn(request: Request): SentBeacon[] {
  const body = JSON.parse(request.postData() ?? 'null') as SentBeacon | SentBeacon[] | null;
  return body === null ? [] : Array.isArray(body) ? body : [body];
}

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds;
  while (!condition() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
