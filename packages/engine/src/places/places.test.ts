import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { cityRecord, writePlaceFile } from '../../../../test/support/place-file.ts';
import type { GeoOptions } from '../options.ts';
import { inspectPlaceFile } from './place-file.ts';
import { createPlaces } from './places.ts';

const cologne = cityRecord({
  code: 'DE',
  country: 'Germany',
  region: 'North Rhine-Westphalia',
  city: 'Cologne',
  timezone: 'Europe/Berlin',
  latitude: 50.9,
  longitude: -6.95,
});
const vienna = cityRecord({
  code: 'AT',
  country: 'Austria',
  region: 'Vienna',
  city: 'Vienna',
  timezone: 'Europe/Vienna',
  latitude: 48.2,
  longitude: 16.37,
});

let folder: string;
let path: string;
let now: number;
let logged: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-places-'));
  path = join(folder, 'city.mmdb');
  now = Date.UTC(2026, 10, 21, 9);
  logged = [];
});
afterEach(() => rm(folder, { recursive: true }));

function open(geo?: GeoOptions | false) {
  const log = (message: string, details?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  return createPlaces({
    options: geo === undefined ? {} : { geo },
    clock: { now: () => now },
    logger: { info: log, warn: log, error: log },
  });
}

function request(
  remoteAddress: string | undefined,
  headers: Readonly<Record<string, string>> = {},
) {
  return { remoteAddress, header: (name: string) => headers[name] };
}

describe('the places that come with Headwater', () => {
  it('know the country of an address once they are loaded', async () => {
    const places = open();
    expect(places.locate('81.2.69.142')).toMatchObject({ ok: false, code: 'geo_not_ready' });
    expect(await places.ready({ within: { seconds: 10 } })).toEqual({ ok: true, value: undefined });
    expect(places.locate('81.2.69.142')).toEqual({
      ok: true,
      value: { countryCode: 'GB', country: 'United Kingdom' },
    });
    expect(places.locate('2a01:4f8::1')).toMatchObject({ ok: true, value: { countryCode: 'DE' } });
    expect(places.locate('::ffff:81.2.69.142')).toMatchObject({ ok: true });
  });

  it('refuse what is no address, and networks that are nowhere, without repeating them', async () => {
    const places = open();
    await places.ready();
    for (const [address, code] of [
      ['256.1.1.1', 'invalid_ip'],
      ['x'.repeat(100), 'invalid_ip'],
      ['192.168.7.7', 'place_not_found'],
      ['203.0.113.77', 'place_not_found'],
      ['::1', 'place_not_found'],
    ] as const) {
      const refused = places.locate(address);
      expect(refused).toMatchObject({ ok: false, code });
      expect(JSON.stringify(refused)).not.toContain(address);
    }
  });

  it('make the first request wait a moment, and the next ones not at all', async () => {
    const places = open();
    const first = places.of(request('81.2.69.142'));
    expect(first).toBeInstanceOf(Promise);
    await first;
    await places.ready();
    expect(places.of(request('81.2.69.142'))).toMatchObject({ countryCode: 'GB' });
    expect(places.of(request('unknown'))).toBeUndefined();
    expect(places.of(request(undefined))).toBeUndefined();
  });
});

describe('places that are switched off', () => {
  it('refuse with geo_disabled and give events none', async () => {
    const places = open(false);
    expect(places.locate('81.2.69.142')).toMatchObject({ ok: false, code: 'geo_disabled' });
    expect(places.locate('no address')).toMatchObject({ ok: false, code: 'geo_disabled' });
    expect(await places.ready()).toMatchObject({ ok: false, code: 'geo_disabled' });
    expect(places.of(request('81.2.69.142', { 'cf-ipcountry': 'DE' }))).toBeUndefined();
  });
});

describe('the places of a file', () => {
  it('have city, region, time zone and coordinates', async () => {
    await writeFile(path, writePlaceFile({ '81.2.69.0/24': cologne, '2a01:4f8::/32': vienna }));
    const places = open({ file: path });
    await places.ready();
    expect(places.locate('81.2.69.142')).toEqual({
      ok: true,
      value: {
        countryCode: 'DE',
        country: 'Germany',
        continent: 'Europe',
        region: 'North Rhine-Westphalia',
        city: 'Cologne',
        timezone: 'Europe/Berlin',
        latitude: 50.9,
        longitude: -6.95,
      },
    });
    expect(places.locate('2a01:4f8::1')).toMatchObject({ value: { city: 'Vienna' } });
    expect(places.locate('8.8.8.8')).toMatchObject({ ok: false, code: 'place_not_found' });
  });

  it('are taken up when the file is replaced, at most every minute', async () => {
    await writeFile(path, writePlaceFile({ '81.2.69.0/24': cologne }));
    const places = open({ file: path });
    await places.ready();
    const city = () => {
      const found = places.locate('81.2.69.142');
      return found.ok ? found.value.city : found.code;
    };
    expect(city()).toBe('Cologne');

    await replaceBy(writePlaceFile({ '81.2.69.0/24': vienna }));
    now += 59_000;
    city();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(city()).toBe('Cologne');
    now += 1_000;
    await vi.waitFor(() => expect(city()).toBe('Vienna'));
    expect(logged.filter((line) => line.startsWith('Places come from'))).toHaveLength(2);
  });

  it('stay as they were while the new file is no database', async () => {
    const complete = writePlaceFile({ '81.2.69.0/24': cologne });
    await writeFile(path, complete);
    const places = open({ file: path, refreshEvery: { seconds: 1 } });
    await places.ready();
    for (const broken of [
      Buffer.from('<html>not found</html>'),
      complete.subarray(0, complete.length - 100),
      Buffer.concat([complete.subarray(0, 40), complete.subarray(complete.length - 260)]),
      Buffer.alloc(0),
    ]) {
      await replaceBy(broken);
      now += 1_000;
      places.locate('81.2.69.142');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(places.locate('81.2.69.142')).toMatchObject({ value: { city: 'Cologne' } });
    }
    await rm(path);
    now += 1_000;
    places.locate('81.2.69.142');
    await vi.waitFor(() => expect(logged.at(-1)).toContain('There is no file of places'));
    expect(places.locate('81.2.69.142')).toMatchObject({ value: { city: 'Cologne' } });
  });

  it('leave the country to what comes with Headwater until there is a file', async () => {
    const places = open({ file: path, refreshEvery: { seconds: 1 } });
    expect(await places.ready()).toMatchObject({ ok: true });
    expect(places.locate('81.2.69.142')).toMatchObject({ value: { countryCode: 'GB' } });
    expect(logged).toEqual([expect.stringContaining('There is no file of places')]);
    now += 1_000;
    places.locate('81.2.69.142');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(logged).toHaveLength(1);

    await writeFile(path, writePlaceFile({ '81.2.69.0/24': cologne }));
    now += 1_000;
    await vi.waitFor(() =>
      expect(places.locate('81.2.69.142')).toMatchObject({ value: { city: 'Cologne' } }),
    );
  });

  it('are read by a normaliser of the host', async () => {
    await writeFile(path, writePlaceFile({ '81.2.69.0/24': { loc: { cc: 'ch', town: 'Bern' } } }));
    const places = open({
      file: path,
      normalise: (record) => {
        const { loc } = record as { loc: { cc: string; town: string } };
        return { countryCode: loc.cc, city: loc.town };
      },
    });
    await places.ready();
    expect(places.locate('81.2.69.142')).toEqual({
      ok: true,
      value: { countryCode: 'CH', country: 'Switzerland', city: 'Bern' },
    });
  });

  it('answer nothing for IPv6 where the file has IPv4 only', async () => {
    await writeFile(path, writePlaceFile({ '0.0.0.0/1': cologne }, { ipVersion: 4 }));
    const places = open({ file: path });
    await places.ready();
    expect(places.locate('81.2.69.142')).toMatchObject({ value: { city: 'Cologne' } });
    expect(places.locate('2a01:4f8::1')).toMatchObject({ code: 'place_not_found' });
  });

  it('say what they are before they are used', async () => {
    const builtAt = new Date('2026-11-18T00:00:00Z');
    const content = writePlaceFile(
      { '8.0.0.0/8': vienna },
      { databaseType: 'GeoLite2-City', builtAt },
    );
    await writeFile(path, content);
    expect(await inspectPlaceFile(path)).toEqual({
      databaseType: 'GeoLite2-City',
      builtAt,
      bytes: content.length,
    });
    await copyFile(import.meta.filename, path);
    await expect(inspectPlaceFile(path)).rejects.toThrow('no database');
  });

  /** Whole, as `headwater geo download` does it. */
  async function replaceBy(content: Buffer): Promise<void> {
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  }
});

describe("a provider of the host's own", () => {
  it('is asked for addresses, and its answers are checked', async () => {
    const asked: string[] = [];
    const places = open({
      provider: {
        locate: ({ text }) => {
          asked.push(text);
          return { countryCode: 'nl', country: 'Netherlands', latitude: 900 };
        },
      },
    });
    await places.ready();
    expect(places.locate('::ffff:10.0.0.1')).toEqual({
      ok: true,
      value: { countryCode: 'NL', country: 'Netherlands' },
    });
    expect(asked).toEqual(['10.0.0.1']);
  });

  it('that fails costs the place, and neither the request nor an address in the log', async () => {
    const places = open({
      provider: {
        locate: ({ text }) => {
          throw new Error(`cannot say where ${text} is`);
        },
      },
    });
    await places.ready();
    expect(places.of(request('81.2.69.142'))).toBeUndefined();
    expect(places.of(request('81.2.69.143'))).toBeUndefined();
    expect(logged).toHaveLength(1);
    expect(logged.join()).not.toContain('81.2');
  });

  it('that cannot load is not ready, and is tried again', async () => {
    let attempts = 0;
    const places = open({
      refreshEvery: { seconds: 5 },
      provider: {
        locate: () => undefined,
        load: () => {
          attempts += 1;
          return attempts < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve();
        },
      },
    });
    expect(await places.ready()).toMatchObject({ ok: false, code: 'geo_not_ready' });
    expect(await places.ready()).toMatchObject({ ok: false });
    expect(attempts).toBe(1);
    now += 5_000;
    expect(await places.ready()).toMatchObject({ ok: true });
  });

  it('that never loads keeps nobody waiting', async () => {
    const places = open({
      provider: { locate: () => undefined, load: () => new Promise(() => undefined) },
    });
    expect(await places.of(request('81.2.69.142'))).toBeUndefined();
    expect(await places.ready({ within: { milliseconds: 10 } })).toMatchObject({
      ok: false,
      code: 'geo_not_ready',
    });
  });
});

describe('the header of a trusted proxy', () => {
  it('wins over the address, which adds what it leaves out in the same country', async () => {
    await writeFile(path, writePlaceFile({ '81.2.69.0/24': cologne }));
    const places = open({ file: path, headers: 'cloudflare' });
    await places.ready();
    const of = (headers: Readonly<Record<string, string>>) =>
      places.of(request('81.2.69.142', headers));
    expect(of({ 'cf-ipcountry': 'FR' })).toEqual({ countryCode: 'FR', country: 'France' });
    expect(of({ 'cf-ipcountry': 'DE' })).toMatchObject({ countryCode: 'DE', city: 'Cologne' });
    const bonn = of({ 'cf-ipcountry': 'DE', 'cf-ipcity': 'Bonn' });
    expect(bonn).toEqual({ countryCode: 'DE', country: 'Germany', city: 'Bonn' });
    expect(of({ 'cf-ipcountry': 'XX' })).toMatchObject({ city: 'Cologne' });
    expect(of({})).toMatchObject({ city: 'Cologne' });
  });

  it('counts for nothing where it is not trusted', async () => {
    const places = open();
    await places.ready();
    expect(places.of(request('81.2.69.142', { 'cf-ipcountry': 'FR' }))).toMatchObject({
      countryCode: 'GB',
    });
  });
});
