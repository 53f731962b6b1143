import { describe, expect, it } from 'vitest';

import { createLog } from './log.ts';

function logged(
  message: string,
  details?: Record<string, unknown>,
  confidential: readonly string[] = [],
): string {
  const lines: string[] = [];
  const log = createLog({ level: 'info', confidential, write: (line) => lines.push(line) });
  log.error(message, details);
  return lines.join('');
}

describe('createLog', () => {
  it('writes one JSON line with time, level and message', () => {
    expect(JSON.parse(logged('stopped', { after: 3 }))).toEqual({
      level: 'error',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      after: 3,
      msg: 'stopped',
    });
  });

  it.each([
    ['a secret key', 'hw_sk_abcdefghijklmnopqrstuvwxyz012345'],
    ['a publishable key', 'hw_pk_abcdefghijklmnopqrstuvwxyz012345'],
    ['a bearer token', 'eyJhbGciOi.J9.abc', 'Authorization: Bearer eyJhbGciOi.J9.abc'],
    ['an email', 'ada.lovelace@example.com'],
    ['an email in a URL', 'ada%40example.com'],
    ['an address', '203.0.113.77'],
    ['an address of version 6', '2001:db8:85a3::8a2e:370:7334'],
    ['a password in a URL', 'hunter22', 'postgres://user:hunter22@db/x'],
    ['a configured secret', 'correct horse battery'],
  ])('takes out %s, wherever it is', (_what, value, within = value) => {
    const text = `before ${within} after`;
    const line = logged(
      text,
      { text, nested: [{ text }], error: new Error(text, { cause: new Error(text) }) },
      ['correct horse battery'],
    );
    expect(line).not.toContain(value);
    expect(line).toContain('after');
  });

  it('takes out what its name gives away', () => {
    const line = logged('x', {
      password: 'one1',
      headers: { authorization: 'two2', cookie: 'three3' },
      visitorEmail: 'four4',
      ip: 'five5',
    });
    expect(line).not.toMatch(/one1|two2|three3|four4|five5/);
  });

  it('keeps what an operator needs', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), {
      code: 'ECONNREFUSED',
      detail: 'Key (email)=(x)',
    });
    const line = logged('down', {
      id: '0199d1f4-7b1c-7000-8000-0123456789ab',
      at: new Date(0),
      count: 3n,
      error,
    });
    expect(line).toContain('0199d1f4-7b1c-7000-8000-0123456789ab');
    expect(line).toContain('connect ECONNREFUSED 127.0.0.1:5432');
    expect(line).toContain('1970-01-01');
    expect(line).not.toContain('Key (email)');
  });
});
