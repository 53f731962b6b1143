import { createHmac } from 'node:crypto';

import { isRecord } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

/** The library vector of Standard Webhooks. */
export const endpointSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Somebody's own endpoint: it takes what is signed within five minutes, and knows messages by their id. */
export const endpoint: StandIn = {
  name: 'http',
  hosts: ['hooks.example.net'],
  judge({ headers, rawBody, body, now }): Judgement {
    const id = headers['webhook-id'] ?? '';
    const timestamp = headers['webhook-timestamp'] ?? '';
    const key = Buffer.from(endpointSecret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key)
      .update(`${id}.${timestamp}.${rawBody}`)
      .digest('base64');
    const signatures = (headers['webhook-signature'] ?? '').split(' ');
    if (!signatures.includes(`v1,${signature}`)) return { answer: { status: 401 } };
    if (Math.abs(now / 1_000 - Number(timestamp)) > 300) return { answer: { status: 400 } };
    if (!isRecord(body) || id.includes('.')) return { answer: { status: 400 } };
    return {
      answer: { status: 200, body: 'ok' },
      counted: body['test'] === true ? [] : [{ key: id, conversion: body }],
    };
  },
};
