import { createRecentMap } from '../kernel/recent-map.ts';
import { clientHintHeaders, readClientHints } from './client-hints.ts';
import { describeDevice, userAgentLengthMax } from './device.ts';
import type { DeviceDescription } from './device.ts';
import { preferredLanguage } from './preferred-language.ts';

/** Describes devices, each kind of them once: it runs for every click and every page view. */
export interface Devices {
  /** What sent a request, by its headers; names are in lower case. */
  read(header: (name: string) => string | undefined): DeviceDescription;
  /** The same by a user agent that somebody else passes on. */
  describe(userAgent: string): DeviceDescription;
}

/** Hints are short; what is longer would only fill the memory. */
const hintLengthMax = 256;

/**
 * There are few distinct user agents, and judging one costs dozens of regular expressions.
 * @param remembered how many of them are kept
 */
export function createDevices(remembered = 2_000): Devices {
  const memory = createRecentMap<DeviceDescription>(remembered);
  const languages = createRecentMap<{ readonly language: string | undefined }>(remembered);

  function recall(key: string, describe: () => DeviceDescription): DeviceDescription {
    const known = memory.get(key);
    if (known !== undefined) return known;
    const device = describe();
    memory.set(key, device);
    return device;
  }

  function languageOf(accepted: string | undefined): string | undefined {
    if (accepted === undefined || accepted.length > hintLengthMax) return undefined;
    let known = languages.get(accepted);
    if (known === undefined) {
      known = { language: preferredLanguage(accepted) };
      languages.set(accepted, known);
    }
    return known.language;
  }

  return {
    read(header) {
      const userAgent = header('user-agent')?.slice(0, userAgentLengthMax);
      const hints: Partial<Record<(typeof clientHintHeaders)[number], string>> = {};
      let key = userAgent ?? '';
      for (const name of clientHintHeaders) {
        const value = header(name);
        if (value === undefined || value.length > hintLengthMax) continue;
        hints[name] = value;
        key += `\n${name}:${value}`;
      }
      const device = recall(key, () => describeDevice(userAgent, readClientHints(hints)));
      const language = languageOf(header('accept-language'));
      return language === undefined || device.machine !== undefined
        ? device
        : { ...device, language };
    },
    describe(userAgent) {
      const text = userAgent.slice(0, userAgentLengthMax);
      // No header begins like that: what a caller makes up is never taken for what a browser sent.
      return recall(`\n${text}`, () => describeDevice(text));
    },
  };
}
