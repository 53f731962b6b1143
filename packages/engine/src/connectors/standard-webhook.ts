/**
 * Signatures of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec of 2026-08), which any receiver
 * can verify with a library of its own.
 */
import { createHmac } from 'node:crypto';

/**
 * The three headers of one attempt.
 *
 * @param message.id stays the same on every attempt; without a dot, which separates it from the rest
 * @param message.body exactly the bytes that go out
 * @param secrets `whsec_<base64>`; during a rotation the new one and the old one
 */
export function webhookHeaders(
  message: { readonly id: string; readonly sentAt: Date; readonly body: string },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = `${Math.floor(message.sentAt.getTime() / 1_000)}`;
  const content = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  });
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
