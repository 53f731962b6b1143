import { createApp } from '../../packages/engine/src/http/app.ts';
import type { Context } from '../../packages/engine/src/context.ts';

/** What the REST API answers that is no JSON, as text. */
export async function callApp(context: Context, key: string, path: string): Promise<string> {
  const app = createApp(context);
  const response = await app.request(`http://api.test/hw/api${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return response.text();
}
