import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { addressPrefix } from '../../packages/engine/src/capture/address-prefix.ts';
import {
  readBeaconClick,
  readBeaconEvent,
} from '../../packages/engine/src/capture/beacon-schema.ts';
import { checkBrowserProof } from '../../packages/engine/src/capture/browser-proof.ts';
import { readConsent } from '../../packages/engine/src/capture/consent.ts';
import { createCookies } from '../../packages/engine/src/capture/cookies.ts';
import {
  buildLocation,
  prepareDestination,
} from '../../packages/engine/src/capture/destination.ts';
import {
  createForwardedReader,
  normaliseRequestHost,
} from '../../packages/engine/src/capture/forwarded.ts';
import { isScan } from '../../packages/engine/src/capture/link-request.ts';
import { isVisitorToken } from '../../packages/engine/src/capture/visitor-token.ts';
import { clientHintHeaders } from '../../packages/engine/src/devices/client-hints.ts';
import { createDevices } from '../../packages/engine/src/devices/devices.ts';
import { parseAccessLogLine } from '../../packages/engine/src/imports/access-log-line.ts';
import { linkSources, readForeignLink } from '../../packages/engine/src/imports/link-format.ts';
import { addressesOf } from '../../packages/engine/src/imports/foreign-link.ts';
import { readRecord } from '../../packages/engine/src/imports/link-record.ts';
import { mapByName } from '../../packages/engine/src/imports/event-mapping.ts';
import { inSteps } from '../../packages/engine/src/imports/in-steps.ts';
import { mapRow } from '../../packages/engine/src/imports/map-row.ts';
import { parseInstant } from '../../packages/engine/src/imports/parse-instant.ts';
import { readInput } from '../../packages/engine/src/imports/read-input.ts';
import { readLinkRows } from '../../packages/engine/src/imports/read-link-rows.ts';
import { MalformedInputError, readRows } from '../../packages/engine/src/imports/read-rows.ts';
import { readTimeCursor } from '../../packages/engine/src/kernel/page.ts';
import { parseMoney } from '../../packages/engine/src/kernel/money.ts';
import { parseQuery } from '../../packages/engine/src/kernel/url.ts';
import { readLinkCursor } from '../../packages/engine/src/links/link-cursor.ts';
import {
  fillCaptures,
  isPathKey,
  matchPattern,
  placeholderProblem,
  readPattern,
} from '../../packages/engine/src/links/link-pattern.ts';
import { readLogo } from '../../packages/engine/src/links/qr-logo.ts';
import { stripe } from '../../packages/engine/src/payments/stripe.ts';
import { readAddress } from '../../packages/engine/src/places/address.ts';
import { normaliseCode } from '../../packages/engine/src/referrals/referral-code.ts';
import { findTimeZone } from '../../packages/engine/src/reports/time-zone.ts';
import {
  captureSignals,
  readAdCookies,
  withoutClickIds,
} from '../../packages/engine/src/sources/click-ids.ts';
import { explainSource } from '../../packages/engine/src/sources/explain-source.ts';
import { normaliseIdentifier } from '../../packages/engine/src/visitors/normalise-identifier.ts';
import { normaliseHost } from '../../packages/engine/src/workspaces/domain.ts';
import { hostileText } from '../support/hostile-text.ts';
import { fc } from '../support/properties.ts';

/** For each parser; `FUZZ_CASES=30000` is a million in all. */
const cases = Number(process.env['FUZZ_CASES'] ?? 150);
const millisecondsMax = 100;
const heapGrowthMax = 48 * 1024 * 1024;

const userAgents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 390.0.0.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'curl/8.14.1',
];
const addresses = [
  'https://shop.example/a/b?utm_source=news&utm_campaign=x%20y&gclid=Cj0K.abc&ref=anna#part',
  '/path?via=code&fbclid=IwAR1&hw_click=0199aab0-0000-7000-8000-000000000000',
  'https://user:pass@xn--bcher-kva.example:8443/%E2%9C%93?q=日本語&a&b=&=c',
  'android-app://com.google.android.gm/',
  'https://translate.google.com/translate?u=https://news.example/&hl=de',
  'myapp://open?x={name}',
];
const cookieHeaders = [
  '_hw_visitor=abcdefghijklmnopqrstuv; _hw_click=0199aab0-0000-7000-8000-000000000000; _fbp=fb.1.1700000000000.123',
  '_gcl_aw=GCL.1700000000.abc-def; _ga="quoted; value"; _ttp=x',
];
const logLines = [
  '203.0.113.9 - anna [21/Nov/2026:10:11:12 +0000] "GET /a?b=1 HTTP/1.1" 302 12 "https://google.com/" "Mozilla/5.0"',
  '2001:db8::1 - - [21/Nov/2026:10:11:12 -0330] "POST / HTTP/2.0" 200 - "-" "a \\"quoted\\" agent"',
];
const tables = [
  'event_type,occurred_at,person_email,amount,currency\nsale,2026-11-21T10:00:00Z,a@b.example,12.50,EUR\n',
  'short_link;long_url;tags\n"go.example/a";"https://x.example/?a=""b""";"one, two"\n',
  '{"links":[{"id":"bit.ly/a","long_url":"https://x.example/","tags":["a"]}]}',
  '{"event_type":"lead","properties":{"a":{"b":[1,2]}}}\n',
];
const forwardeds = [
  'for=192.0.2.60;proto=https;by="[2001:db8::1]:80", for="[2001:db8::2]:4711";host=go.example',
  '203.0.113.7, 10.0.0.1, unknown, [2001:db8::7]:99',
];
const hints = [
  '"Chromium";v="141", "Not?A_Brand";v="8", "Google Chrome";v="141"',
  '"Windows"',
  '?1',
  '"https://chatgpt.com"',
];
const languages = ['de-CH, de;q=0.9, en;q=0.8, *;q=0.5', 'zh-Hant-TW'];
const keys = ['docs/*', 'u/:name/:id', 'launch', 'a/b/c/d/e/f/g/h/i/j'];
const tokens = [
  'abcdefghijklmnopqrstuv',
  '0199aab0-0000-7000-8000-000000000000',
  '1700000000000_0199aab0-0000-7000-8000-000000000000',
  'clicks_12_0199aab0-0000-7000-8000-000000000000',
  't=1700000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  '0'.repeat(64),
];
const values = [
  'anna@people.test',
  '+49 170 1234567',
  '12.50',
  '-1,000.00',
  '2026-11-21T10:00:00+02:00',
  '1700000000',
  'Europe/Berlin',
  'go.example:8080',
  '[2001:db8::1]:80',
  '{"analytics":"granted","gpc":true}',
  '{"event_type":"pageview","url":"https://shop.example/","properties":{"a":1}}',
  '{"id":"evt_1","type":"invoice.paid","created":1700000000,"data":{"object":{"currency":"eur","amount_paid":100}}}',
];

const devices = createDevices(100);
const cookies = createCookies();
const usual = createForwardedReader({ trustProxy: ['10.0.0.0/8'] });
const standard = createForwardedReader({ trustProxy: 2, proxyHeader: 'forwarded' });
const direct = { host: 'go.example', scheme: 'http', remoteAddress: '10.0.0.1' } as const;
const campaign = {
  utmSource: 'news',
  utmMedium: null,
  utmCampaign: 'a b',
  utmContent: null,
  utmTerm: null,
};
const destination = prepareDestination('https://shop.example/?a=1#b', campaign);
const page = { salesAllowed: true };
const workspace = { dataKey: Buffer.alloc(32, 7) };

const parsers: Readonly<Record<string, readonly [readonly string[], (text: string) => unknown]>> = {
  'user agents': [userAgents, (text) => devices.describe(text)],
  'client hints and languages': [
    [...hints, ...languages],
    (text) =>
      devices.read((name) =>
        name === 'accept-language' || (clientHintHeaders as readonly string[]).includes(name)
          ? text
          : userAgents[0],
      ),
  ],
  'addresses that were asked for': [addresses, parseQuery],
  'where an arrival came from, by its address': [
    addresses,
    (url) => explainSource({ url, ownHosts: new Set(['shop.example']) }),
  ],
  'where an arrival came from, by its referrer': [
    addresses,
    (referrer) =>
      explainSource({
        url: '/',
        referrer,
        userAgent: referrer,
        ownHosts: new Set(['shop.example']),
      }),
  ],
  'click ids': [addresses, (text) => [captureSignals(text), withoutClickIds(text)]],
  'destinations of links': [addresses, (text) => prepareDestination(text, campaign)],
  'what a click passes on': [
    addresses,
    (text) => buildLocation(destination, text, tokens[1], () => true),
  ],
  'the question whether it was a scan': [addresses, isScan],
  'patterns of links': [
    [...keys, ...addresses],
    (text) => {
      const pattern = readPattern(text.slice(0, 190));
      const captures = pattern && matchPattern(pattern, text, false);
      return [
        isPathKey(text),
        placeholderProblem(text, keys[1]!),
        fillCaptures(text, captures ?? {}),
      ];
    },
  ],
  'paths by a pattern': [keys, (text) => matchPattern(readPattern(keys[0]!)!, text, true)],
  cookies: [
    cookieHeaders,
    (text) => [cookies.readVisitor(text), cookies.readClick(text), cookies.isOptedOut(text)],
  ],
  'cookies of ad platforms': [cookieHeaders, readAdCookies],
  'what proxies tell': [forwardeds, (text) => usual(() => text, direct)],
  'what proxies tell by RFC 7239': [forwardeds, (text) => standard(() => text, direct)],
  hosts: [values, (text) => [normaliseHost(text), normaliseRequestHost(text, 'https')]],
  'addresses of networks': [forwardeds, (text) => [readAddress(text), addressPrefix(text)]],
  'lines of access logs': [logLines, parseAccessLogLine],
  'exports of links': [tables, readForeignLinks],
  'CSV of events': [tables, (text) => readEvents(text, 'csv')],
  'NDJSON of events': [tables, (text) => readEvents(text, 'ndjson')],
  'tokens, cursors and codes': [
    tokens,
    (text) => [
      isVisitorToken(text),
      readTimeCursor(text),
      readLinkCursor(text, 'clicks'),
      normaliseCode(text),
    ],
  ],
  'proofs of pages': [
    tokens,
    (text) => checkBrowserProof(workspace, { externalId: text, email: text, proof: text }),
  ],
  'signatures of payment providers': [
    tokens,
    (text) => stripe.isSigned({ headers: { 'stripe-signature': text }, text }, ['secret'], 1.7e12),
  ],
  'messages of payment providers': [values, (text) => stripe.read(json(text))],
  'bodies of beacons': [
    values,
    (text) => [
      readBeaconEvent(json(text), page),
      readBeaconClick(json(text)),
      readConsent(json(text)),
    ],
  ],
  'fields of beacons': [
    [...addresses, ...values],
    (text) => readBeaconEvent({ url: text, referrer: text, properties: { [text]: text } }, page),
  ],
  identifiers: [
    values,
    (text) =>
      ['email', 'phone', 'external_id', 'visitor'].map((kind) =>
        normaliseIdentifier({ kind, value: text }, {}),
      ),
  ],
  money: [values, (text) => parseMoney(text, 'EUR')],
  times: [
    values,
    (text) =>
      (['iso', 'unix_seconds', 'unix_milliseconds'] as const).map((format) =>
        parseInstant(text, format, 'Z'),
      ),
  ],
  'time zones': [values, findTimeZone],
  pictures: [tokens, (text) => readLogo(Buffer.concat([png, Buffer.from(text, 'latin1')]))],
};

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** What the JSON of a body may be: text that parses, or the text itself in a field. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { id: text, type: text, url: text, created: 1, data: { object: { currency: text } } };
  }
}

async function readForeignLinks(text: string): Promise<unknown> {
  const rows = await readLinkRows(text);
  if (!rows.ok) return rows;
  const from = linkSources[text.length % linkSources.length]!;
  const read: unknown[] = [];
  for await (const { values: row } of inSteps(rows.value, 500))
    read.push(addressesOf(from, readForeignLink[from](readRecord(row)), undefined));
  return read;
}

async function readEvents(text: string, format: 'csv' | 'ndjson'): Promise<unknown> {
  try {
    const input = await readInput(Readable.from([Buffer.from(text)]));
    if (!input.ok) return input;
    const { columns = [], rows } = await readRows(input.value, format, ',');
    const mapping = mapByName(columns);
    const read: unknown[] = [];
    for await (const { record } of rows)
      if (record !== undefined) read.push(mapRow(record, mapping, 'EUR'));
    return read;
  } catch (error) {
    // What an import says of a quote that is not closed.
    if (error instanceof MalformedInputError) return error.line;
    throw error;
  }
}

/**
 * The longest time for which nobody else had a turn, in milliseconds of processor time, so that a busy machine does not
 * look like a slow parser; the best of three.
 */
async function longestTurn(parse: (text: string) => unknown, text: string): Promise<number> {
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > millisecondsMax; attempt += 1) {
    let longest = 0;
    let before = process.cpuUsage();
    const look = (): void => {
      const { user, system } = process.cpuUsage(before);
      longest = Math.max(longest, (user + system) / 1_000);
      before = process.cpuUsage();
      turn = setImmediate(look);
    };
    let turn = setImmediate(look);
    await parse(text);
    look();
    clearImmediate(turn);
    best = Math.min(best, longest);
  }
  return best;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Without the whole of a text that may be long. */
function tell(run: fc.RunDetails<[string]>): void {
  if (!run.failed) return;
  const [text = ''] = run.counterexample ?? [];
  throw new Error(
    `PROPERTY_SEED=${run.seed}: ${String(run.errorInstance)}\n${text.length} characters: ${JSON.stringify(text.slice(0, 300))} … ${JSON.stringify(text.slice(-300))}`,
  );
}

describe('any text', () => {
  it.for(Object.entries(parsers))(
    'is read or refused as %s: nothing is thrown, nothing hangs, nothing stays',
    { timeout: 3_600_000 },
    async ([, [seeds, parse]]) => {
      const texts = hostileText(seeds);
      for (const text of [...seeds, ...fc.sample(texts, 20)]) await parse(text);
      const before = heapUsed();
      await fc.assert(
        fc.asyncProperty(texts, async (text) => {
          const turn = await longestTurn(parse, text);
          if (turn > millisecondsMax) throw new Error(`took ${turn} ms`);
        }),
        { numRuns: cases, endOnFailure: true, reporter: tell },
      );
      expect(heapUsed() - before).toBeLessThan(heapGrowthMax);
    },
  );
});
