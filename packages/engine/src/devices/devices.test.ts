import { describe, expect, it } from 'vitest';

import { createDevices } from './devices.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

function headers(values: Readonly<Record<string, string>>) {
  return (name: string) => values[name];
}

describe('createDevices', () => {
  it('describes each user agent with its hints once', () => {
    const devices = createDevices();
    const plain = devices.read(headers({ 'user-agent': chrome }));
    expect(plain).toMatchObject({ browser: 'Chrome', system: 'Windows' });
    expect(devices.read(headers({ 'user-agent': chrome, accept: '*/*' }))).toBe(plain);
    const hints = { 'user-agent': chrome, 'sec-ch-ua': '"Brave";v="140"' };
    expect(devices.read(headers(hints)).browser).toBe('Brave');
    expect(devices.read(headers(hints))).toBe(devices.read(headers(hints)));
  });

  it('adds the language that somebody asks for first, unless it is a machine', () => {
    const devices = createDevices();
    const german = { 'accept-language': 'de-AT,en;q=0.5' };
    expect(devices.read(headers({ 'user-agent': chrome, ...german }))).toMatchObject({
      browser: 'Chrome',
      language: 'de',
    });
    expect(devices.read(headers({ 'user-agent': chrome })).language).toBeUndefined();
    expect(devices.read(headers({ 'user-agent': 'Googlebot/2.1', ...german }))).not.toHaveProperty(
      'language',
    );
  });

  it('does not look at hints that no browser sends', () => {
    const devices = createDevices();
    const plain = devices.read(headers({ 'user-agent': chrome }));
    const long = `"Brave";v="${'1'.repeat(300)}"`;
    expect(devices.read(headers({ 'user-agent': chrome, 'sec-ch-ua': long }))).toBe(plain);
  });

  it('keeps what callers report apart from what browsers send', () => {
    const devices = createDevices();
    devices.describe(`${chrome}\nsignature-agent:"https://chatgpt.com"`);
    const agent = headers({ 'user-agent': chrome, 'signature-agent': '"https://chatgpt.com"' });
    expect(devices.read(agent).machine?.name).toBe('ChatGPT Agent');
    expect(devices.describe(chrome)).toEqual(devices.read(headers({ 'user-agent': chrome })));
  });

  it('takes a request without a user agent for a machine', () => {
    expect(createDevices().read(headers({}))).toMatchObject({
      deviceType: 'bot',
      machine: { name: 'unnamed' },
    });
  });
});
