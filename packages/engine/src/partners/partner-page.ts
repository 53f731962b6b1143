import { hash } from 'node:crypto';

import { formatMoney } from '../kernel/money.ts';
import type { PartnerOverview } from './partner-overview.ts';

const style = `
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem;color:#1b1b1f;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:#55555f}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
dl{display:flex;flex-wrap:wrap;gap:1rem 2.5rem}dt{color:#55555f}dd{margin:0;font-size:1.3rem}
@media (prefers-color-scheme:dark){body{background:#17171a;color:#ececf1}th,td{border-color:#3a3a40}caption,dt{color:#a5a5b0}}`;
const styleHash = hash('sha256', style, 'base64');

/** No script, no form, nothing from elsewhere; in a frame only of the origins that the workspace names. */
export function partnerPageHeaders(frameAncestors: readonly string[]): Record<string, string> {
  const ancestors = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}`,
    'cache-control': 'private, no-store',
    // The address has the token: nobody whom the page leads to is told.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  };
}

/** What a partner sees of themselves, as a page that works without scripts. */
export function partnerPage(overview: PartnerOverview): string {
  const { partner, links, coupons, clicks, leads, customers, balances } = overview;
  return page(
    partner.name,
    `
<h1>${escape(partner.name)}</h1>
<dl><div><dt>Clicks</dt><dd>${clicks}</dd></div><div><dt>Leads</dt><dd>${leads}</dd></div><div><dt>Customers</dt><dd>${customers}</dd></div></dl>
${table(
  'Earnings',
  ['Currency', 'Held', 'Available', 'Paid'],
  balances.map((one) => [
    one.unit,
    ...[one.heldMinor, one.availableMinor, one.paidMinor].map((amount) => money(amount, one.unit)),
  ]),
)}
${table(
  'Links',
  ['Link', 'Clicks', 'Leads', 'Sales'],
  links.map((link) => [link.shortUrl, `${link.clicks}`, `${link.leads}`, `${link.sales}`]),
)}
${coupons.length === 0 ? '' : `<h2>Coupons</h2><p>${coupons.map(escape).join(', ')}</p>`}
${table(
  'Commissions',
  ['For', 'When', 'Status', 'Amount'],
  overview.commissions.map((one) => [
    one.trigger,
    one.triggerAt.toISOString().slice(0, 10),
    one.status,
    `${money(one.status === 'review' ? one.grantedMinor : one.netMinor, one.unit)} ${one.unit}`,
  ]),
)}
${table(
  'Payouts',
  ['When', 'Status', 'Amount'],
  overview.payouts.map((one) => [
    one.createdAt.toISOString().slice(0, 10),
    one.status,
    `${money(one.amountMinor, one.unit)} ${one.unit}`,
  ]),
)}`,
  );
}

/** Instead of it, where the token is no good. */
export function refusedPartnerPage(message: string): string {
  return page('Partner', `<h1>Not available</h1><p>${escape(message)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}

/** The first column says what the row is of. */
function table(
  title: string,
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>Nothing yet.</p>`;
  const [first, ...rest] = head;
  const header = [
    `<th scope="col">${first}</th>`,
    ...rest.map((name) => `<th scope="col" class="n">${name}</th>`),
  ];
  const lines = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row">${escape(name ?? '')}</th>${cells.map((cell) => `<td class="n">${escape(cell)}</td>`).join('')}</tr>`,
  );
  return `<h2>${title}</h2><table><thead><tr>${header.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

function money(amountMinor: bigint, currency: string): string {
  return formatMoney({ amountMinor, currency });
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
