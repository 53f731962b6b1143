import type { SocialCard } from '../links/steering.ts';
import type { OutgoingResponse } from './exchange.ts';
import { escapeHtml, linkPage } from './link-page.ts';

/** What previews of a link show (https://ogp.me): for crawlers, whom a redirect would lead to the destination's own. */
export function socialCard(card: SocialCard, url: string): OutgoingResponse {
  const title = card.title ?? url;
  const fields = [
    ['og:type', 'website'],
    ['og:url', url],
    ['og:title', title],
    ['og:description', card.description],
    ['og:image', card.image],
    ['twitter:card', card.image === null ? 'summary' : 'summary_large_image'],
  ] as const;
  const head = fields.flatMap(([name, value]) =>
    value === null ? [] : `<meta property="${name}" content="${escapeHtml(value)}">\n`,
  );
  return linkPage({
    status: 200,
    title,
    head: head.join(''),
    body: card.description === null ? '' : `<p>${escapeHtml(card.description)}</p>`,
  });
}
