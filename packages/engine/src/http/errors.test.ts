import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { HeadwaterError, UnavailableError } from '../kernel/errors.ts';
import { apiRoutes } from './api-routes.ts';
import { answerFault } from './errors.ts';
import { codesOf, openApiDocument } from './openapi.ts';
import { faultStatus, refusalStatus } from './refusal-codes.ts';

const statusOf: Readonly<Record<string, number>> = { ...refusalStatus, ...faultStatus };
const codes = Object.keys(statusOf).sort();
const repository = join(import.meta.dirname, '..', '..', '..', '..');

describe('error codes', () => {
  it('are those of docs/errors.md, with the same status', () => {
    const page = readFileSync(join(repository, 'docs', 'errors.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(\w+)`\s*\| (\d{3})\s*\|/gm)].map(
      ([, code, status]) => [code, Number(status)],
    );
    expect(Object.fromEntries(documented)).toEqual(statusOf);
    expect(documented).toHaveLength(codes.length);
  });

  it('are each documented by at least one operation', () => {
    expect([...new Set(apiRoutes.flatMap(codesOf))].sort()).toEqual(codes);
  });

  it('are in the OpenAPI document, at their status', () => {
    const { paths } = openApiDocument({ basePath: '/hw' });
    const seen = new Set<string>();
    for (const operations of Object.values(paths ?? {})) {
      for (const operation of Object.values(operations)) {
        const { responses } = operation as { responses: Record<string, { description: string }> };
        for (const [status, { description }] of Object.entries(responses)) {
          if (Number(status) < 400) continue;
          for (const [, code] of description.matchAll(/`(\w+)`/g)) {
            expect([code, statusOf[code!]]).toEqual([code, Number(status)]);
            seen.add(code!);
          }
        }
      }
    }
    expect([...seen].sort()).toEqual(codes);
  });
});

describe('openapi.json', () => {
  it('is what the schemas say', () => {
    const written = JSON.parse(readFileSync(join(repository, 'openapi.json'), 'utf8')) as unknown;
    expect(written).toEqual(JSON.parse(JSON.stringify(openApiDocument({ basePath: '/hw' }))));
  });

  it('has one id for each operation', () => {
    const ids = apiRoutes.map((route) => route.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('answerFault', () => {
  const logged: string[] = [];
  const log = (message: string, details?: unknown) =>
    logged.push(message + JSON.stringify(details));
  const answerTo = (error: unknown) =>
    answerFault(error, { info: log, warn: log, error: log }, () => 'the-id');

  it('says 503 and when to come back, while the database is away', () => {
    for (const error of [
      new UnavailableError('full', { retryAfterSeconds: 1 }),
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('terminating connection'), { code: '57P01' }),
      new Error('Connection terminated unexpectedly'),
    ]) {
      const { status, body, headers } = answerTo(error);
      expect([status, body.code, headers?.['retry-after']]).toEqual([503, 'unavailable', '1']);
      expect(body.error).not.toContain('10.0.0.1');
    }
    expect(logged).toEqual([]);
  });

  it('says 500 and an id that leads to the log, and nothing of the cause', () => {
    const database = Object.assign(new Error('duplicate key: alice@example.com'), {
      code: '23505',
      severity: 'ERROR',
      table: 'visitor',
      detail: 'Key (email)=(alice@example.com) already exists.',
    });
    for (const error of [
      new HeadwaterError('bug', 'it broke'),
      new TypeError('x is undefined'),
      database,
      'a string',
      undefined,
    ]) {
      expect(answerTo(error)).toMatchObject({
        status: 500,
        body: { code: 'internal_error', error: expect.stringContaining('the-id') as unknown },
      });
    }
    expect(logged).toHaveLength(5);
    expect(logged.join('\n')).not.toContain('alice@example.com');
    expect(logged.every((line) => line.includes('the-id'))).toBe(true);
  });
});
