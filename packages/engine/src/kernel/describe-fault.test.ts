import { describe, expect, it } from 'vitest';

import { describeFault } from './describe-fault.ts';
import { UnavailableError } from './errors.ts';

describe('describeFault', () => {
  it('leaves out what a database quotes of a row', () => {
    const error = Object.assign(new Error('invalid input syntax for type uuid: "jo@example.com"'), {
      name: 'DatabaseError',
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (email)=(jo@example.com) already exists.',
      where: 'COPY visitor, line 1: "jo@example.com"',
      table: 'visitor',
      constraint: 'visitor_pkey',
    });
    expect(describeFault(error)).toEqual({
      name: 'DatabaseError',
      code: '23505',
      table: 'visitor',
      constraint: 'visitor_pkey',
    });
  });

  it.each([
    ['no mail for jo.d+x@mail.example.com today', 'no mail for [email] today'],
    [
      'Unexpected token, "jo@example.com" is not valid JSON',
      'Unexpected token, "[email]" is not valid JSON',
    ],
    ['GET /v?email=jo%40example.com failed', 'GET /[email] failed'],
    ['cannot find /app/node_modules/@scope/name', 'cannot find /app/node_modules/@scope/name'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ])('says %j as %j', (message, said) => {
    expect(describeFault(new Error(message))).toEqual({ name: 'Error', message: said });
  });

  it('keeps the name and the code of faults of our own', () => {
    expect(describeFault(new UnavailableError('Too many.', { retryAfterSeconds: 1 }))).toEqual({
      name: 'UnavailableError',
      code: 'unavailable',
      message: 'Too many.',
    });
  });

  it('cuts long messages, and says nothing of what is no error', () => {
    expect(describeFault(new Error('x'.repeat(5_000))).message).toHaveLength(300);
    expect(describeFault('jo@example.com')).toEqual({ name: 'string' });
    expect(describeFault(undefined)).toEqual({ name: 'undefined' });
  });
});
