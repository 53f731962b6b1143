import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { cityRecord, writePlaceFile } from '../support/place-file.ts';
import { packTar } from '../support/tar.ts';
import { bundle, callApi, eventually, runCommand, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

const accountId = '424242';
const licenseKey = 'a-license-key-of-nobody_mmk';
const account = { MAXMIND_ACCOUNT_ID: accountId, MAXMIND_LICENSE_KEY: licenseKey };

const cologne = cityRecord({
  code: 'DE',
  country: 'Germany',
  region: 'North Rhine-Westphalia',
  city: 'Cologne',
  timezone: 'Europe/Berlin',
  latitude: 50.9,
  longitude: 6.95,
});

function release(network: string, builtAt: string): Buffer {
  return writePlaceFile(
    { [network]: cologne },
    { databaseType: 'GeoLite2-City', builtAt: new Date(builtAt) },
  );
}

function pack(database: Buffer): Buffer {
  return gzipSync(
    packTar({
      'GeoLite2-City_20261117/COPYRIGHT.txt': Buffer.from('Database and Contents Copyright'),
      'GeoLite2-City_20261117/GeoLite2-City.mmdb': database,
    }),
  );
}

/** What MaxMind and its storage answer, and what they were asked. */
let archive: Buffer;
let digest: string;
let status: number;
let cutAfter: number | undefined;
let asked: string[];
let downloads: Server;
let storage: Server;
let folder: string;
let from: string;

function publish(content: Buffer): void {
  archive = content;
  digest = createHash('sha256').update(content).digest('hex');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-geo-'));
  downloads = await listen(answerAsMaxMind);
  storage = await listen(answerAsStorage);
  from = origin(downloads);
});
afterAll(() => {
  for (const server of [downloads, storage]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  status = 200;
  cutAfter = undefined;
  publish(pack(release('81.2.69.0/24', '2026-11-17T18:00:00Z')));
});

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Only what MaxMind documents: these two addresses, with these credentials. */
function answerAsMaxMind(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.url}`);
  const expected = `Basic ${Buffer.from(`${accountId}:${licenseKey}`).toString('base64')}`;
  const suffix =
    /^\/geoip\/databases\/GeoLite2-City\/download\?suffix=(tar\.gz|tar\.gz\.sha256)$/.exec(
      request.url ?? '',
    )?.[1];
  if (request.method !== 'GET') response.writeHead(405).end();
  else if (request.headers.authorization !== expected)
    response
      .writeHead(401, { 'content-type': 'application/json' })
      .end('{"code":"AUTHORIZATION_INVALID"}');
  else if (suffix === undefined) response.writeHead(404).end();
  else if (status !== 200) response.writeHead(status).end();
  else
    response.writeHead(302, { location: `${origin(storage)}/${suffix}?X-Amz-Signature=abc` }).end();
}

/** The storage takes signed addresses, and refuses credentials that are not meant for it. */
function answerAsStorage(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.authorization !== undefined) {
    response.writeHead(400).end('only one auth mechanism allowed');
    return;
  }
  if (request.url === '/tar.gz.sha256?X-Amz-Signature=abc') {
    response.end(`${digest}  GeoLite2-City_20261117.tar.gz\n`);
    return;
  }
  response.writeHead(200, { 'content-length': archive.length });
  if (cutAfter === undefined) response.end(archive);
  else response.write(archive.subarray(0, cutAfter), () => response.destroy());
}

function run(args: readonly string[], variables: Readonly<Record<string, string>> = account) {
  return runCommand(['geo', 'download', '--from', from, ...args], {
    HEADWATER_DATA: join(folder, 'data'),
    ...variables,
  });
}

describe('headwater geo download', () => {
  it('puts the database into the data folder, and says which it is', async () => {
    const result = await run([]);
    const path = join(folder, 'data', 'places.mmdb');
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toBe(`${path}: GeoLite2-City of 2026-11-17, 0.0 MB\n`);
    expect(result.stderr).toMatch(/^Downloading GeoLite2-City: 0\.0 of 0\.0 MB\n/);
    expect(readFileSync(path)).toEqual(release('81.2.69.0/24', '2026-11-17T18:00:00Z'));
    expect(readdirSync(join(folder, 'data')).toSorted()).toEqual([
      'places.mmdb',
      'places.mmdb.json',
    ]);
    expect(asked).toEqual([
      'GET /geoip/databases/GeoLite2-City/download?suffix=tar.gz.sha256',
      'GET /geoip/databases/GeoLite2-City/download?suffix=tar.gz',
    ]);
  });

  it('fetches the latest release once, unless it is forced to or the file was changed', async () => {
    const path = join(folder, 'once.mmdb');
    const download = async (...args: string[]) => {
      const result = await run(['--to', path, '--json', ...args]);
      expect(result.code).toBe(0);
      return JSON.parse(result.stdout) as Record<string, unknown>;
    };
    expect(await download()).toEqual({
      path,
      edition: 'GeoLite2-City',
      built_at: '2026-11-17T18:00:00.000Z',
      bytes: readFileSync(path).length,
      sha256: digest,
      changed: true,
    });
    expect(await download()).toMatchObject({ changed: false });
    expect(asked).toHaveLength(3);
    expect(await download('--force')).toMatchObject({ changed: true });
    writeFileSync(path, release('1.0.0.0/8', '2020-01-01T00:00:00Z'));
    expect(await download()).toMatchObject({ changed: true });
    publish(pack(release('81.2.0.0/16', '2026-11-20T18:00:00Z')));
    expect(await download()).toMatchObject({ changed: true, built_at: '2026-11-20T18:00:00.000Z' });
  });

  it.each([
    [
      'a wrong key',
      1,
      'does not know this account',
      () => undefined,
      { ...account, MAXMIND_LICENSE_KEY: 'wrong-key' },
    ],
    ['too many downloads', 1, 'tomorrow', () => (status = 429), account],
    ['an account without it', 1, 'may not download GeoLite2-City', () => (status = 403), account],
    ['a fault over there', 1, 'answered with status 500', () => (status = 500), account],
    ['another checksum', 1, 'The download is damaged', () => (digest = 'a'.repeat(64)), account],
    ['no checksum', 1, 'something else than a checksum', () => (digest = 'oops'), account],
    ['a connection that breaks', 1, 'The download from 127.0.0.1', () => (cutAfter = 100), account],
    ['no archive', 1, 'cannot be unpacked', () => publish(Buffer.from('<html>')), account],
    [
      'an archive without a database',
      1,
      'holds no .mmdb',
      () => publish(gzipSync(packTar({ 'a.csv': Buffer.from('1') }))),
      account,
    ],
    [
      'a database that is none',
      1,
      'cannot be used',
      () => publish(pack(Buffer.from('nothing'))),
      account,
    ],
    [
      'no license key',
      2,
      'MAXMIND_ACCOUNT_ID and MAXMIND_LICENSE_KEY',
      () => undefined,
      { MAXMIND_ACCOUNT_ID: accountId },
    ],
  ])(
    'says what is wrong with %s, and leaves the file as it was',
    async (_what, code, message, prepare, variables) => {
      const path = join(folder, 'kept.mmdb');
      writeFileSync(path, 'the one before');
      prepare();
      const result = await run(['--to', path], variables);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toContain(message);
      expect(result.stderr).not.toMatch(/^\s+at /m);
      expect(result.stderr).not.toContain(licenseKey);
      expect(readFileSync(path, 'utf8')).toBe('the one before');
      expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
    },
  );

  it.each([
    [['--edition', 'GeoLite2-ASN'], '--edition'],
    [['--edition', '../City'], '--edition'],
    [['--from', 'http://example.com'], '--from'],
    [['--from', 'ftp://localhost'], '--from'],
    [['more'], 'too many arguments'],
  ])('ends with 2 for %j', async (args, message) => {
    const result = await run(args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
    expect(asked).toEqual([]);
  });

  it('names a host that cannot be reached', async () => {
    const gone = await listen(() => undefined);
    const address = origin(gone);
    gone.close();
    await once(gone, 'close');
    const result = await run(['--from', address]);
    expect(result).toMatchObject({ code: 1 });
    expect(result.stderr).toContain(
      `The download from ${new URL(address).host} failed: ECONNREFUSED`,
    );
  });

  it(
    'is taken up by a running server, which leads by country from then on',
    { timeout: 120_000 },
    async () => {
      const variables = {
        HEADWATER_DATA: join(folder, 'served'),
        HEADWATER_GEO_REFRESH_SECONDS: '1',
        HEADWATER_TRUST_PROXY: 'true',
      };
      await using server = await startServer(variables);
      const follow = await offerByCountry(server);
      const today = new Date().toISOString();
      publish(pack(release('81.2.69.0/24', today)));
      await eventually(
        'the countries are loaded',
        async () => (await follow()) === 'example.co.uk',
      );
      expect(await run([], { ...account, HEADWATER_DATA: variables.HEADWATER_DATA })).toMatchObject(
        { code: 0 },
      );
      expect(existsSync(join(folder, 'served', 'places.mmdb'))).toBe(true);
      await eventually('the file is taken up', async () => (await follow()) === 'example.de');
      expect(server.log()).not.toContain('81.2.69.142');

      const doctor = await runCommand(['doctor', '--json'], variables);
      expect(JSON.parse(doctor.stdout)).toMatchObject({
        checks: expect.arrayContaining([
          { check: 'places', state: 'ok', message: `GeoLite2-City of ${today.slice(0, 10)}` },
        ]),
      });
    },
  );
});

it('countries are known to what npm start runs', { timeout: 120_000 }, async () => {
  const variables = { HEADWATER_DATA: join(folder, 'bundled'), HEADWATER_TRUST_PROXY: 'true' };
  await using server = await startServer(variables, bundle);
  const follow = await offerByCountry(server);
  await eventually('the countries are loaded', async () => (await follow()) === 'example.co.uk');
  expect(server.log()).not.toContain('The database of places');
});

/** A link with destinations by country, to be followed from Britain, as the countries have it. */
async function offerByCountry(server: ServerProcess): Promise<() => Promise<string>> {
  await callApi(server, server.secretKey!, 'POST', 'links', {
    domain: 'go.example',
    key: 'offer',
    url: 'https://example.com/',
    geo_targeting: { DE: 'https://example.de/', GB: 'https://example.co.uk/' },
  });
  return async () => {
    const response = await fetch(`${server.origin}/offer`, {
      redirect: 'manual',
      headers: {
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'x-forwarded-host': 'go.example',
        'x-forwarded-for': '81.2.69.142',
      },
    });
    return new URL(response.headers.get('location')!).host;
  };
}
