import { describe, expect, it } from 'vitest';

import { toConfig } from './config.ts';
import { readEnvironment } from './env.ts';

const secret = 'x'.repeat(32);

describe('readEnvironment', () => {
  it('needs nothing', () => {
    const result = readEnvironment({ PATH: '/bin', DATABASE_URL: '' });
    if (!result.ok) throw new Error(result.problems.join());
    const config = toConfig(result.environment);
    expect(config).toMatchObject({
      port: 4400,
      host: undefined,
      embedded: true,
      basePath: '/hw',
      publicUrl: 'http://localhost:4400',
    });
    expect(config.engine.database).toEqual({ folder: config.dataFolder });
    expect(config.engine.links?.domains).toEqual([
      'localhost:4400',
      '127.0.0.1:4400',
      '[::1]:4400',
    ]);
  });

  it('names every problem at once, and shows no value', () => {
    const result = readEnvironment({
      PORT: '80080',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      HEADWATER_SECRET: 'a:short',
      HEADWATER_BASE_PATH: 'hw/',
      HEADWATER_LINK_DOMAINS: 'go.example, https://nope',
      HEADWATER_TRUST_PROXY: 'perhaps',
      LOG_LEVEL: 'loud',
    });
    if (result.ok) throw new Error('it was accepted');
    expect(result.problems.map((problem) => problem.split(':')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'LOG_LEVEL',
      'HEADWATER_SECRET',
      'HEADWATER_BASE_PATH',
      'HEADWATER_LINK_DOMAINS',
      'HEADWATER_TRUST_PROXY',
    ]);
    expect(result.problems.at(-1)).toContain('the number of trusted proxies');
    expect(result.problems.join('\n')).not.toMatch(/hunter2|short|perhaps|loud/);
  });

  it('reads where requests come from', () => {
    const geoOf = (variables: Readonly<Record<string, string>>) => {
      const result = readEnvironment({ HEADWATER_DATA: '/srv/headwater', ...variables });
      if (!result.ok) throw new Error(result.problems.join('\n'));
      return toConfig(result.environment).engine.geo;
    };
    const file = '/srv/headwater/places.mmdb';
    expect(geoOf({})).toEqual({ file, refreshEvery: { seconds: 60 } });
    expect(geoOf({ HEADWATER_GEO: 'off' })).toBe(false);
    expect(
      geoOf({
        HEADWATER_GEO_FILE: '/usr/share/GeoIP/GeoLite2-City.mmdb',
        HEADWATER_GEO_REFRESH_SECONDS: '5',
        HEADWATER_GEO_HEADERS: 'Cloudflare',
      }),
    ).toEqual({
      file: '/usr/share/GeoIP/GeoLite2-City.mmdb',
      refreshEvery: { seconds: 5 },
      headers: 'cloudflare',
    });
    expect(geoOf({ HEADWATER_GEO_HEADERS: 'X-Client-Country' })).toMatchObject({
      headers: { countryCode: 'x-client-country' },
    });
    expect(readEnvironment({ HEADWATER_GEO_HEADERS: 'akamai' }).ok).toBe(false);
  });

  it('never prints the license key', () => {
    const result = readEnvironment({ MAXMIND_LICENSE_KEY: 'a-license-key' });
    if (!result.ok) throw new Error(result.problems.join('\n'));
    expect(toConfig(result.environment).confidential).toContain('a-license-key');
  });

  it.each([
    ['true', true],
    ['0', false],
    ['1', true],
    ['2', 2],
    ['10.0.0.0/8, 2001:db8::7', ['10.0.0.0/8', '2001:db8::7']],
  ])('reads HEADWATER_TRUST_PROXY=%s as %s', (text, trustProxy) => {
    const result = readEnvironment({ HEADWATER_TRUST_PROXY: text });
    if (!result.ok) throw new Error(result.problems.join('\n'));
    expect(toConfig(result.environment).engine.trustProxy).toEqual(trustProxy);
  });

  it('reads limits, and switches them off', () => {
    const read = (environment: Record<string, string>) => {
      const result = readEnvironment(environment);
      return result.ok ? toConfig(result.environment).engine.limits : result.problems;
    };
    expect(read({})).toEqual({});
    expect(
      read({ HEADWATER_LIMIT_BEACONS: '500/hour', HEADWATER_LIMIT_QR_CODES: 'false' }),
    ).toEqual({ beacons: { requests: 500, per: { hours: 1 } }, qrCodes: false });
    expect(read({ HEADWATER_LIMITS: 'off' })).toBe(false);
    for (const wrong of ['500', '500/week', '-1/hour', '0/hour', '1.5/minute'])
      expect(read({ HEADWATER_LIMIT_BEACONS: wrong })).toEqual([
        'HEADWATER_LIMIT_BEACONS: is false, or like 600/minute: second, minute, hour or day',
      ]);
  });

  it('wants a secret with PostgreSQL', () => {
    const result = readEnvironment({ DATABASE_URL: 'postgres://localhost/headwater' });
    expect(result).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('HEADWATER_SECRET: is required')],
    });
    expect(
      readEnvironment({ DATABASE_URL: 'postgres://localhost/headwater', HEADWATER_SECRET: secret })
        .ok,
    ).toBe(true);
  });

  it('reads one secret, or several with ids', () => {
    const read = (text: string) => {
      const result = readEnvironment({ HEADWATER_SECRET: text });
      return result.ok ? result.environment.HEADWATER_SECRET : result.problems;
    };
    expect(read(secret)).toEqual([{ id: 'k1', value: secret }]);
    expect(read(`b:${secret}, a:${secret}y`)).toEqual([
      { id: 'b', value: secret },
      { id: 'a', value: `${secret}y` },
    ]);
    expect(read(`${secret},${secret}`)).toEqual([
      'HEADWATER_SECRET: with several secrets, each one is written as id:value',
    ]);
    expect(read(`a:${secret},a:${secret}`)).toEqual([
      'HEADWATER_SECRET: every secret has an id of its own',
    ]);
    expect(read(`A!:${secret}`)).toEqual([
      'HEADWATER_SECRET: the id before the colon has 1 to 16 lower-case letters and digits',
    ]);
  });

  it('passes intervals and the names of cookies to the engine', () => {
    const result = readEnvironment({
      HEADWATER_LINK_REFRESH_MILLISECONDS: '250',
      HEADWATER_PATIENCE_MILLISECONDS: '3000',
      HEADWATER_CLICK_PATIENCE_MILLISECONDS: '20',
      HEADWATER_VISITOR_COOKIE: 'v',
    });
    if (!result.ok) throw new Error(result.problems.join());
    expect(toConfig(result.environment).engine).toMatchObject({
      links: { refreshEvery: { milliseconds: 250 } },
      patience: { milliseconds: 3_000 },
      clickPatience: { milliseconds: 20 },
      cookies: { visitor: 'v', click: '_hw_click' },
    });
    for (const wrong of [
      { HEADWATER_CLICK_COOKIE: 'a;b' },
      { HEADWATER_VISITOR_COOKIE: '_hw_click' },
      { HEADWATER_PATIENCE_MILLISECONDS: '0' },
    ])
      expect(readEnvironment(wrong)).toMatchObject({ ok: false, problems: [expect.any(String)] });
  });

  it('wants whom mails are from, and all of an identity provider or nothing', () => {
    const provider = {
      OIDC_ISSUER: 'https://login.example/',
      OIDC_CLIENT_ID: 'headwater',
      OIDC_CLIENT_SECRET: 'the-secret-of-the-client',
    };
    const problemsOf = (variables: Record<string, string>) => {
      const result = readEnvironment(variables);
      return result.ok ? [] : result.problems;
    };
    expect(problemsOf({ SMTP_URL: 'smtp://mail.example' })).toEqual([
      'MAIL_FROM: is required with SMTP_URL: whom mails are from',
    ]);
    expect(problemsOf({ SMTP_URL: 'mail.example', MAIL_FROM: 'nobody' })).toHaveLength(2);
    expect(problemsOf({ ...provider, OIDC_CLIENT_SECRET: '' })).toEqual([
      'OIDC_ISSUER: OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together',
    ]);
    const result = readEnvironment({
      ...provider,
      SMTP_URL: 'smtps://user:mail-password@mail.example',
      MAIL_FROM: 'Headwater <hello@team.example>',
      OIDC_SCOPES: 'openid email',
    });
    if (!result.ok) throw new Error(result.problems.join());
    const { mail, oidc, confidential } = toConfig(result.environment);
    expect(mail?.from).toBe('Headwater <hello@team.example>');
    expect(oidc).toMatchObject({
      issuer: 'https://login.example',
      scopes: ['openid', 'email'],
      name: 'Single sign-on',
    });
    expect(new Set(confidential)).toEqual(new Set(['the-secret-of-the-client', 'mail-password']));
  });

  it('notes settings that it does not know', () => {
    expect(readEnvironment({ HEADWATER_SECERT: secret })).toMatchObject({
      ok: true,
      unknown: ['HEADWATER_SECERT'],
    });
  });

  it('serves links on the public address and the configured domains', () => {
    const result = readEnvironment({
      HEADWATER_PUBLIC_URL: 'https://stats.example',
      HEADWATER_LINK_DOMAINS: 'Go.Example, b.example:8443',
    });
    if (!result.ok) throw new Error(result.problems.join());
    const { engine, publicUrl } = toConfig(result.environment);
    expect(publicUrl).toBe('https://stats.example');
    expect(engine.links).toMatchObject({
      domains: ['go.example', 'b.example:8443', 'stats.example'],
      scheme: 'https',
    });
  });
});
