import { isbot, isbotMatches } from 'isbot';

import type { ClientHints } from './client-hints.ts';
import { aiAgents, aiCrawlers, signingAgents } from './data/ai-machines.ts';
import {
  archiveCrawlers,
  marketingCrawlers,
  searchCrawlers,
  securityScanners,
} from './data/crawlers.ts';
import {
  appleNetworking,
  feedReaders,
  messagesPreview,
  monitors,
  previews,
  tools,
} from './data/fetchers.ts';

export const machineCategories = [
  /** Collects pages for a search engine. */
  'search_crawler',
  /** Collects pages for AI models and their search. */
  'ai_crawler',
  /** Fetches or acts for a person who asked an AI just now. */
  'ai_agent',
  /** Shows a shared link to people who may follow it. */
  'preview',
  'monitor',
  'feed_reader',
  'marketing',
  'archive',
  'security',
  /** A library, a command line, a driven browser. */
  'tool',
  /** Calls itself a bot; ours do not know what it is for. */
  'crawler',
  'other',
] as const;
export type MachineCategory = (typeof machineCategories)[number];

/** Whoever is no person: a bot, a crawler, a preview. */
export interface Machine {
  /** As it calls itself, 64 characters at most. */
  readonly name: string;
  readonly category: MachineCategory;
}

const nameLengthMax = 64;
// Every browser says what it is.
const unnamed: Machine = { name: 'unnamed', category: 'other' };

/**
 * Names the machine that sends a user agent; `undefined` for people. Whoever says that it is one is believed; one that
 * looks like a browser in every respect is not found out.
 */
export function identifyMachine(
  userAgent: string | undefined,
  hints: ClientHints = {},
): Machine | undefined {
  if (userAgent === undefined || userAgent.trim() === '') return unnamed;
  const known = findKnownMachine(userAgent);
  if (known !== undefined) return known;
  const agent = signingAgent(hints.signatureAgent);
  if (agent !== undefined) return agent;
  if (hints.brands?.some(({ brand }) => brand === 'HeadlessChrome') === true)
    return { name: 'HeadlessChrome', category: 'tool' };
  if (!isbot(userAgent)) return undefined;
  const name = nameOf(userAgent);
  return { name, category: categoryOf(name, userAgent) };
}

interface Index {
  readonly tokens: ReadonlyMap<string, Machine>;
  /** In lower case; these have spaces, and so are no tokens. */
  readonly phrases: ReadonlyArray<readonly [phrase: string, machine: Machine]>;
  readonly tools: ReadonlySet<string>;
}

// Made at the first question, so that importing the package costs nothing.
let index: Index | undefined;

function compile(): Index {
  const known: Partial<Record<MachineCategory, readonly string[]>> = {
    ai_crawler: aiCrawlers,
    ai_agent: aiAgents,
    search_crawler: searchCrawlers,
    marketing: marketingCrawlers,
    archive: archiveCrawlers,
    security: securityScanners,
    preview: previews,
    monitor: monitors,
    feed_reader: feedReaders,
    tool: [appleNetworking],
  };
  const tokens = new Map<string, Machine>();
  const phrases: [string, Machine][] = [
    [messagesPreview.toLowerCase(), { name: 'Messages', category: 'preview' }],
  ];
  for (const [category, names] of Object.entries(known) as [MachineCategory, string[]][]) {
    for (const name of names) {
      const machine: Machine = { name, category };
      if (/[^\w.-]/.test(name)) phrases.push([name.toLowerCase(), machine]);
      else tokens.set(name.toLowerCase(), machine);
    }
  }
  return { tokens, phrases, tools: new Set(tools.map((name) => name.toLowerCase())) };
}

function findKnownMachine(userAgent: string): Machine | undefined {
  index ??= compile();
  const text = userAgent.toLowerCase();
  for (const [phrase, machine] of index.phrases) if (text.includes(phrase)) return machine;
  for (const [token] of userAgent.matchAll(productToken)) {
    const machine = findByToken(index.tokens, token);
    if (machine !== undefined) return machine;
  }
  return undefined;
}

/** `product` of RFC 9110 §10.1.5, and the words of comments. */
const productToken = /[\w.-]+/g;

/** `SemrushBot-SA` is a `SemrushBot`, unless the variant is known by itself; `Pingdom.com_bot_1.4` is `Pingdom`. */
function findByToken(tokens: Index['tokens'], token: string): Machine | undefined {
  const text = token.toLowerCase();
  const exact = tokens.get(text);
  if (exact !== undefined) return exact;
  for (const { index: end } of text.matchAll(/[-._]/g)) {
    const family = tokens.get(text.slice(0, end));
    if (family === undefined) continue;
    return text[end] === '-'
      ? { name: token.slice(0, nameLengthMax), category: family.category }
      : family;
  }
  return undefined;
}

/** `Signature-Agent: "https://chatgpt.com"`, or the same as a member of a dictionary. */
function signingAgent(header: string | undefined): Machine | undefined {
  const host = /"https:\/\/([\w.-]{1,253})/i.exec(header ?? '')?.[1]?.toLowerCase();
  if (host === undefined) return undefined;
  const name = Object.hasOwn(signingAgents, host) ? signingAgents[host] : undefined;
  return { name: (name ?? host).slice(0, nameLengthMax), category: 'ai_agent' };
}

/** Crawlers that begin as browsers do name themselves behind `compatible`, or not there. */
const posesAsBrowser = /^Mozilla\/[\d.]+ \((?!compatible\b)/i;

/** The product token that gives the machine away. */
function nameOf(userAgent: string): string {
  // Its home page and address do not name it, and neither does the `Mozilla` that everybody says.
  const text = userAgent.replace(/[^\s();,]+/g, (word) =>
    /:\/\/|^\+?www\.|@/.test(word) ? ' '.repeat(word.length) : word,
  );
  const places = isbotMatches(text)
    .filter((match) => !match.startsWith('Mozilla'))
    .map((match) => text.indexOf(match));
  const tokens = [...text.matchAll(productToken)];
  const at = Math.min(...places);
  const own = tokens.find(([token]) => !/^(?:Mozilla|compatible|[\d.]+)$/i.test(token))?.[0];
  // Some name themselves by nothing but the address of their page, in the clothes of a browser.
  const home = /https?:\/\/(?:www\.)?([\w.-]+)/i.exec(userAgent)?.[1];
  const name =
    places.length > 0
      ? tokens.find((token) => token.index + token[0].length > at)?.[0]
      : posesAsBrowser.test(userAgent)
        ? (home ?? own)
        : (own ?? home);
  return (name ?? home ?? tokens[0]?.[0])?.slice(0, nameLengthMax) ?? unnamed.name;
}

function categoryOf(name: string, userAgent: string): MachineCategory {
  index ??= compile();
  if (index.tools.has(name.toLowerCase())) return 'tool';
  if (/feed|rss|reader/i.test(name)) return 'feed_reader';
  if (/bot|crawl|spider|scrap/i.test(name)) return 'crawler';
  for (const [token] of userAgent.matchAll(productToken))
    if (index.tools.has(token.toLowerCase())) return 'tool';
  return 'other';
}
