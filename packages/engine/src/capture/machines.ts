import { isbot, isbotMatches } from 'isbot';
import { LRUCache } from 'lru-cache';

/** Names the bot, crawler or preview that sends a user agent; `undefined` for people. */
export type MachineDetector = (userAgent: string | undefined) => string | undefined;

const nameLengthMax = 64;

/** Each distinct user agent is judged once: there are few of them, and the judgement costs a large regular expression. */
export function createMachineDetector(remembered = 2_000): MachineDetector {
  const names = new LRUCache<string, string>({ max: remembered });
  return (userAgent) => {
    // Every browser says what it is.
    if (userAgent === undefined || userAgent === '') return 'unnamed';
    let name = names.get(userAgent);
    if (name === undefined) {
      name = isbot(userAgent) ? machineName(userAgent) : '';
      names.set(userAgent, name);
    }
    return name === '' ? undefined : name;
  };
}

/** The product token that gives the machine away: `Googlebot` of `Mozilla/5.0 (compatible; Googlebot/2.1; …)`. */
function machineName(userAgent: string): string {
  // Some patterns begin with the `Mozilla` that everybody says: they only tell that nothing of a browser follows.
  const places = isbotMatches(userAgent)
    .filter((match) => !match.startsWith('Mozilla'))
    .map((match) => userAgent.indexOf(match));
  const at = places.length === 0 ? -1 : Math.min(...places);
  // Some name themselves by nothing but the address of their page.
  const tokens = userAgent.matchAll(/https?:\/\/(?:www\.)?([\w.-]+)[^\s;,()]*|[\w.-]+/gi);
  for (const token of tokens) {
    const name = token[1] ?? token[0];
    if (token.index + token[0].length > at) return name.slice(0, nameLengthMax);
  }
  return 'unnamed';
}
