import type { Browser, Page, Request } from 'playwright-core';

/** What one view of the dashboard asked its server for when it was opened, and how long a person waited for it. */
export interface OpenedView {
  readonly view: string;
  /** From the navigation to the last answer that the view shows. */
  readonly milliseconds: number;
  /** Paths below `/api`, with their queries, as they were asked for first. */
  readonly requests: readonly string[];
}

/** So long nothing may be asked for until a view counts as open. */
const quietMilliseconds = 400;
const patienceMilliseconds = 120_000;

/** Opens one view after the other, each in a page of its own, as somebody would who follows a link to it. */
export async function openViews(
  browser: Browser,
  server: { readonly origin: string; readonly base: string; readonly apiKey: string },
  views: Readonly<Record<string, string>>,
): Promise<OpenedView[]> {
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin' });
  await context.addInitScript(
    `sessionStorage.setItem('headwater-key', ${JSON.stringify(server.apiKey)})`,
  );
  const opened: OpenedView[] = [];
  for (const [view, path] of Object.entries(views)) {
    const page = await context.newPage();
    try {
      opened.push({ view, ...(await openView(page, `${server.origin}${server.base}`, path)) });
    } finally {
      await page.close();
    }
  }
  await context.close();
  return opened;
}

async function openView(
  page: Page,
  address: string,
  path: string,
): Promise<Omit<OpenedView, 'view'>> {
  const requests = new Set<string>();
  const waiting = new Set<Request>();
  let last = performance.now();
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    const [, api] = pathname.split('/api');
    // Live messages are a stream: they are over when the page goes.
    if (api === undefined || api.startsWith('/live') || request.method() !== 'GET') return;
    requests.add(`${api}${search}`);
    waiting.add(request);
  });
  const answered = (request: Request): void => {
    if (waiting.delete(request)) last = performance.now();
  };
  page.on('requestfinished', answered);
  page.on('requestfailed', answered);

  const begun = performance.now();
  page.setDefaultTimeout(patienceMilliseconds);
  await page.goto(`${address}${path}`);
  await page.locator('main h1, main h2, h1').first().waitFor();
  last = Math.max(last, performance.now());
  while (waiting.size > 0 || performance.now() - last < quietMilliseconds) {
    if (performance.now() - begun > patienceMilliseconds)
      throw new Error(`${path} still waits for ${[...waiting].map((one) => one.url()).join(', ')}`);
    await page.waitForTimeout(20);
  }
  return { milliseconds: last - begun, requests: [...requests] };
}

const periods = [7, 30, 90, 365];
const day = 86_400_000;
const filters = [
  [{ dimension: 'channel', values: ['Email'] }],
  [
    { dimension: 'channel', values: ['Email', 'Direct'] },
    { dimension: 'country', values: ['AA', 'AB'] },
  ],
];

/**
 * The other things that one can ask of what a view asks for: reports of four periods, by themselves and narrowed by one
 * and by two filters; lists by their orders, by a search, and further on.
 */
export function variantsOf(request: string): string[] {
  const [path = '', query = ''] = request.split('?');
  const asked = new URLSearchParams(query);
  const variant = (changes: Readonly<Record<string, string>>): string =>
    `${path}?${new URLSearchParams({ ...Object.fromEntries(asked), ...changes })}`;
  const to = asked.get('to');
  const spans =
    to === null
      ? [{}]
      : periods.map((days) => ({ from: new Date(Date.parse(to) - days * day).toISOString() }));
  const isReport = /^\/(analytics|attribution|funnels|audience)/.test(path) && to !== null;
  const narrowed = isReport && !path.includes('paths') ? filters : [];
  return [
    ...spans.map((span) => variant(span)),
    ...narrowed.flatMap((filter) =>
      spans.map((span) => variant({ ...span, filters: JSON.stringify(filter) })),
    ),
    ...(listVariants[path] ?? []).map((changes) => variant({ ...spans.at(-1), ...changes })),
  ];
}

const deep = { offset: '5000' };
const listVariants: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, string>>>>> = {
  '/visitors': [
    deep,
    { offset: '50000' },
    { search: 'nobody@shop.example' },
    { status: 'customer' },
    { status: 'lead', ...deep },
    { channel: 'Email' },
    { country: 'AA' },
    { country: 'ZZ' },
    { seen_since: '2026-11-01T00:00:00Z' },
    { status: 'customer', channel: 'Paid Search', country: 'AA' },
  ],
  '/events': [
    deep,
    { offset: '50000' },
    { search: 'page-17' },
    { search: 'nothing has this' },
    ...['sale', 'link_click', 'refund'].map((type) => ({
      filters: JSON.stringify([{ dimension: 'event_type', values: [type] }]),
    })),
    { filters: JSON.stringify([{ dimension: 'source', values: ['source-1-3'] }]) },
    { filters: JSON.stringify([{ dimension: 'page', values: ['/page-17'] }]) },
  ],
  '/links': [
    deep,
    { search: 'link-17' },
    { search: 'nothing has this' },
    { archived: 'with' },
    ...['clicks', 'unique_clicks', 'leads', 'sales', 'revenue'].map((sort) => ({ sort })),
    { sort: 'clicks', ...deep },
  ],
  '/dispatches': [deep, { status: 'failed' }, { status: 'delivered', ...deep }],
  '/invitations': [deep, { search: 'Invitation 17' }],
  '/referral-codes': [deep, { search: 'CODE17' }],
  '/referrals': [deep],
  '/rewards': [deep],
  '/waitlist': [deep],
};
