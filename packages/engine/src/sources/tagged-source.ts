import { normaliseHost, withoutWww } from '../kernel/url.ts';
import { ambiguousNames, assistantNames, taggedNames } from './data/source-names.ts';
import { findKnownApp, findKnownHost, knownHosts, type HostCategory } from './known-host.ts';

/** The list of ours that a source is in by what a tag calls it: a name (`facebook`, `FB`), a host or an app's package. */
export function categoryOfTag(text: string): HostCategory | undefined {
  if (text === '') return undefined;
  const name = text.toLowerCase();
  categories ??= compile();
  return categories.get(squeezed(name)) ?? findTaggedHost(name)?.category;
}

/**
 * The assistant that a tag names. ChatGPT appends `utm_source=chatgpt.com` itself and sends no referrer; other assistants
 * do alike.
 */
export function assistantOfTag(text: string): string | undefined {
  const name = text.toLowerCase();
  if (Object.hasOwn(assistantNames, name)) return assistantNames[name];
  const known = findTaggedHost(name);
  return known?.category === 'ai' ? known.source : undefined;
}

function findTaggedHost(name: string) {
  if (!name.includes('.')) return undefined;
  const host = normaliseHost(name);
  return host === undefined ? undefined : (findKnownHost(withoutWww(host)) ?? findKnownApp(host));
}

/** The lists whose names are used in tags; webmail and providers are known by their hosts alone. */
const taggedCategories = ['search', 'social', 'messaging', 'video', 'shopping'] as const;

// Made at the first question, so that importing the package costs nothing.
let categories: Map<string, HostCategory> | undefined;

function compile(): Map<string, HostCategory> {
  const compiled = new Map<string, HostCategory>();
  for (const name of Object.keys(assistantNames)) compiled.set(name, 'ai');
  for (const category of taggedCategories) {
    for (const name of Object.keys(knownHosts[category])) {
      if (!ambiguousNames.has(name)) compiled.set(squeezed(name), category);
    }
    for (const name of taggedNames[category] ?? []) compiled.set(squeezed(name), category);
  }
  return compiled;
}

/** `Hacker News`, `hacker-news` and `hacker_news` are one name. */
function squeezed(name: string): string {
  return name.replaceAll(/[\s_-]/g, '');
}
