import { BROWSER_MAP, parse } from 'bowser';

import type { ClientHints } from './client-hints.ts';
import {
  deviceTypePatterns,
  formFactorTypes,
  moreBrowsers,
  moreSystems,
} from './data/user-agents.ts';
import { webView } from './data/in-app-browsers.ts';
import { findInAppBrowser } from './in-app-browser.ts';
import { identifyMachine } from './machine.ts';
import type { Machine } from './machine.ts';

export const deviceTypes = [
  'desktop',
  'mobile',
  'tablet',
  'tv',
  'console',
  'wearable',
  'car',
  'bot',
  'unknown',
] as const;
export type DeviceType = (typeof deviceTypes)[number];

/** What sent a request, as far as it says so itself. Absent is what it does not say. */
export interface DeviceDescription {
  readonly deviceType: DeviceType;
  readonly browser?: string;
  readonly browserVersion?: string;
  readonly system?: string;
  /**
   * As the user agent has it. Browsers have frozen it for some systems: macOS stays at 10.15.7, Windows 11 is 10 where
   * no client hint says more.
   */
  readonly systemVersion?: string;
  /** The app whose own browser shows the page; `WebView` where it does not say its name. */
  readonly inApp?: string;
  /** Which it asks for first: `de`. */
  readonly language?: string;
  /** Who it is, where it is no person. */
  readonly machine?: Machine;
}

/** What is longer is nobody's browser: the rest is not looked at. */
export const userAgentLengthMax = 512;
const versionLengthMax = 32;

/** Describes what a user agent and the client hints beside it stand for. Never throws, whatever the text. */
export function describeDevice(
  userAgent: string | undefined,
  hints: ClientHints = {},
): DeviceDescription {
  const text = userAgent?.slice(0, userAgentLengthMax);
  const machine = identifyMachine(text, hints);
  if (text === undefined || machine !== undefined)
    return { deviceType: 'bot', ...(machine !== undefined && { machine }) };

  const parsed = parse(text, { brands: [...(hints.brands ?? [])] });
  const browser = readBrowser(text, parsed.browser);
  const system = readSystem(text, parsed.os, hints);
  const inApp = inAppOf(text, hints);
  return {
    deviceType: typeOf(text, hints, system.name),
    ...(browser.name !== undefined && { browser: browser.name }),
    ...(browser.version !== undefined && { browserVersion: browser.version }),
    ...(system.name !== undefined && { system: system.name }),
    ...(system.version !== undefined && { systemVersion: system.version }),
    ...(inApp !== undefined && { inApp }),
  };
}

interface Named {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

const nothing: Named = { name: undefined, version: undefined };
const browserNames = new Set([...Object.values(BROWSER_MAP), 'Opera Touch']);
const shorterNames: Readonly<Record<string, string>> = {
  'Samsung Internet for Android': 'Samsung Internet',
  'Google Search': 'Safari',
  Tizen: 'Tizen Browser',
  Bada: 'Bada Browser',
};

/** Where the parser knows no browser it takes the user agent's own words for one: those count for nothing. */
function readBrowser(
  userAgent: string,
  parsed: { readonly name?: string; readonly version?: string },
): Named {
  for (const [browser, pattern] of moreBrowsers) {
    const match = pattern.exec(userAgent);
    if (match !== null) return { name: browser, version: cutVersion(match[1]) };
  }
  const { name } = parsed;
  if (name === undefined || !browserNames.has(name)) return nothing;
  // The version of the app, not of the browser that it has inside.
  const version = name === 'Google Search' ? undefined : cutVersion(parsed.version);
  return { name: shorterNames[name] ?? name, version };
}

function readSystem(
  userAgent: string,
  parsed: { readonly name?: string; readonly version?: string; readonly versionName?: string },
  hints: ClientHints,
): Named {
  const said = systemOf(userAgent, parsed);
  const platform = hints.platform === 'Chromium OS' ? 'Chrome OS' : hints.platform;
  // A page that is shown "as on a desktop" has a desktop's user agent; its hints still tell the truth.
  const name =
    platform === undefined || platform === 'Unknown' || !knownPlatforms.has(platform)
      ? said.name
      : platform;
  const hinted =
    hints.platformVersion === undefined
      ? undefined
      : name === 'Windows'
        ? windowsVersion(hints.platformVersion)
        : cutVersion(hints.platformVersion);
  return { name, version: hinted ?? (name === said.name ? said.version : undefined) };
}

const knownPlatforms = new Set(['Windows', 'macOS', 'Linux', 'Android', 'Chrome OS', 'iOS']);

function systemOf(
  userAgent: string,
  parsed: { readonly name?: string; readonly version?: string; readonly versionName?: string },
): Named {
  const { name } = parsed;
  if (name === undefined || name === 'Linux') {
    for (const [system, pattern] of moreSystems) {
      const match = pattern.exec(userAgent);
      if (match !== null)
        return { name: system, version: cutVersion(match[1]?.replaceAll('_', '.')) };
    }
    return { name, version: undefined };
  }
  // `Android 10; K` is what Chrome says on every Android (privacysandbox.google.com/protections/user-agent).
  if (name === 'Android' && userAgent.includes('Android 10; K)'))
    return { name, version: undefined };
  // `NT 10.0` is a 10, `NT 6.1` a 7.
  const version = name === 'Windows' ? parsed.versionName : parsed.version;
  return { name, version: cutVersion(version) };
}

/** https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11 */
function windowsVersion(platformVersion: string): string | undefined {
  const major = Number.parseInt(platformVersion, 10);
  if (!(major > 0)) return undefined;
  return major >= 13 ? '11' : '10';
}

function cutVersion(version: string | undefined): string | undefined {
  return version === undefined || !/^\d/.test(version)
    ? undefined
    : version.slice(0, versionLengthMax);
}

function typeOf(userAgent: string, hints: ClientHints, system: string | undefined): DeviceType {
  for (const factor of hints.formFactors ?? [])
    if (Object.hasOwn(formFactorTypes, factor)) return formFactorTypes[factor] ?? 'unknown';
  const type = deviceTypePatterns.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'unknown';
  if (type === 'desktop' || type === 'unknown') {
    if (hints.mobile === true) return 'mobile';
    // A desktop's user agent on Android is how tablets ask for pages.
    if (system === 'Android') return 'tablet';
  }
  return type;
}

function inAppOf(userAgent: string, hints: ClientHints): string | undefined {
  const app = findInAppBrowser(userAgent)?.name;
  if (app !== undefined) return app;
  const isWebView =
    webView.test(userAgent) ||
    hints.brands?.some(({ brand }) => brand === 'Android WebView') === true;
  return isWebView ? 'WebView' : undefined;
}
