import { hasControlCharacter, destinationProblem } from './link-url.ts';

/** What a host answers beside its links. */
export interface LinkDomainSettings {
  /** Where requests go that no link takes. @default a short text */
  readonly missing?: DomainPage | undefined;
  readonly expired?: DomainPage | undefined;
  /** Of links that have not started. */
  readonly inactive?: DomainPage | undefined;
  /** What `/.well-known/apple-app-site-association` and `/.well-known/assetlinks.json` say. */
  readonly apps?: DomainApps | undefined;
}

/** A destination, or a page with these words. */
export type DomainPage =
  | { readonly url: string }
  | { readonly title: string; readonly text: string };

export interface DomainApps {
  /** https://developer.apple.com/documentation/xcode/supporting-associated-domains */
  readonly apple?: readonly AppleApp[] | undefined;
  /** https://developer.android.com/training/app-links/verify-android-applinks */
  readonly android?: readonly AndroidApp[] | undefined;
}

export interface AppleApp {
  /** The prefix and the bundle: `ABCDE12345.com.example.app`. */
  readonly id: string;
  /** Patterns of paths that open the app. @default `['/*']` */
  readonly paths?: readonly string[] | undefined;
}

export interface AndroidApp {
  readonly package: string;
  /** SHA-256 of its signing certificates: 32 pairs of hexadecimal digits with colons. */
  readonly fingerprints: readonly string[];
}

export const domainPages = ['missing', 'expired', 'inactive'] as const;
export type DomainPageName = (typeof domainPages)[number];

const titleLengthMax = 200;
const textLengthMax = 2_000;
const appsMax = 20;
const pathsMax = 50;

const appleId = /^[A-Z0-9]{10}(?:\.[A-Za-z0-9-]+)+$/;
const androidPackage = /^[A-Za-z]\w*(?:\.[A-Za-z]\w*)+$/;
const fingerprint = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

/** What is wrong with the settings, by field: `apps.apple[0].id`. Their shape has been checked. */
export function linkDomainErrors(
  host: string,
  settings: LinkDomainSettings,
): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
  for (const name of domainPages) {
    const page = settings[name];
    if (page === undefined) continue;
    if ('url' in page) {
      report(`${name}.url`, destinationProblem(page.url, { appSchemes: [], domain: host }));
      // It would lead to itself for ever.
      if (URL.parse(page.url)?.host === host)
        report(`${name}.url`, 'must not lead to the same host');
      continue;
    }
    report(`${name}.title`, wordsProblem(page.title, titleLengthMax));
    report(`${name}.text`, wordsProblem(page.text, textLengthMax));
  }
  const { apple = [], android = [] } = settings.apps ?? {};
  if (apple.length > appsMax) report('apps.apple', `must have at most ${appsMax} apps`);
  if (android.length > appsMax) report('apps.android', `must have at most ${appsMax} apps`);
  for (const [index, { id, paths = [] }] of apple.entries()) {
    if (!appleId.test(id))
      report(`apps.apple[${index}].id`, 'must be like "ABCDE12345.com.example.app"');
    if (paths.length > pathsMax || !paths.every((path) => /^\/[\x21-\x7e]{0,200}$/.test(path)))
      report(
        `apps.apple[${index}].paths`,
        `must hold at most ${pathsMax} patterns that begin with "/"`,
      );
  }
  for (const [index, app] of android.entries()) {
    if (!androidPackage.test(app.package))
      report(`apps.android[${index}].package`, 'must be like "com.example.app"');
    if (app.fingerprints.length === 0 || !app.fingerprints.every((text) => fingerprint.test(text)))
      report(
        `apps.android[${index}].fingerprints`,
        'must hold SHA-256 fingerprints: 32 pairs of hexadecimal digits with colons',
      );
  }
  return errors;
}

function wordsProblem(text: string, lengthMax: number): string | undefined {
  if (text === '' || text.length > lengthMax) return `must have 1 to ${lengthMax} characters`;
  return hasControlCharacter(text.replaceAll('\n', ' ')) || !text.isWellFormed()
    ? 'must not contain control characters'
    : undefined;
}

/** The two files that iOS and Android ask the host of a link for. */
export function appleAppSiteAssociation(apps: readonly AppleApp[]): unknown {
  return {
    applinks: {
      details: apps.map(({ id, paths = ['/*'] }) => ({
        appIDs: [id],
        components: paths.map((path) => ({ '/': path })),
      })),
    },
  };
}

export function assetLinks(apps: readonly AndroidApp[]): unknown {
  return apps.map((app) => ({
    relation: ['delegate_permission/common.handle_all_urls'],
    target: {
      namespace: 'android_app',
      package_name: app.package,
      sha256_cert_fingerprints: app.fingerprints.map((text) => text.toUpperCase()),
    },
  }));
}
