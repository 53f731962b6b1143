/** The five minutes of the README, word by word: every command of its shell blocks, in their order. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

it('leads from a link to the sale that it brought', async () => {
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const hw = await createTestHeadwater({ links: { domains: [host], scheme: 'http' } });
  server.on('request', toNodeHandler(hw));
  const shell = createShell(host, {
    KEY: orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Tour' })).key,
  });
  const answers = new Map<string, { status: number; body: unknown }>();

  for (const command of tourCommands()) {
    if (command.startsWith('VISITOR=')) {
      const [visitor] = answers.get('/hw/api/visitors')!.body as Array<{ id: string }>;
      shell.variables['VISITOR'] = visitor!.id;
    }
    if (!command.startsWith('curl ')) continue;
    const { path, ...answer } = await shell.curl(command);
    expect({ path, failed: answer.status >= 400 }).toEqual({ path, failed: false });
    answers.set(path.replace(shell.variables['VISITOR'] ?? 'nobody', ':id'), answer);
    await hw.events.flush();
  }

  expect(answers.get('/launch?gclid=abc123')?.status).toBe(302);
  expect(answers.get('/hw/api/visitors/by-external-id/cust_123')?.body).toMatchObject({
    status: 'customer',
  });
  expect(answers.get('/hw/api/visitors/:id/attribution')?.body).toMatchObject({
    attribution_path: [
      { kind: 'click', source: 'newsletter', medium: 'email', signals: { gclid: 'abc123' } },
    ],
  });
  const timeline = answers.get('/hw/api/visitors/:id/timeline')?.body as Array<{
    event_type: string;
  }>;
  expect(timeline.map((event) => event.event_type).sort()).toEqual([
    'identify',
    'link_click',
    'pageview',
    'sale',
  ]);
  expect(answers.get('/hw/api/links?limit=1')?.body).toMatchObject([
    { total_clicks: 1, unique_clicks: 1, total_sales: 1, total_revenue_cents: 4999 },
  ]);
  await hw.close();
  server.close();
});

function tourCommands(): string[] {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const tour = /^## Five minutes\n(.*?)^## /ms.exec(readme)![1]!;
  const blocks = [...tour.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));
}

/** As much of a shell and of curl as the tour needs. */
function createShell(host: string, variables: Record<string, string>) {
  let cookies = '';
  return {
    variables,
    async curl(command: string): Promise<{ path: string; status: number; body: unknown }> {
      const words = [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
        unquote(word, variables),
      );
      const headers = new Headers();
      let method = 'GET';
      let body: string | undefined;
      let url = '';
      for (let at = 1; at < words.length; at += 1) {
        const word = words[at]!;
        if (word === '-X') method = words[(at += 1)]!;
        else if (word === '-d') body = words[(at += 1)]!;
        else if (word === '-A') headers.set('user-agent', words[(at += 1)]!);
        else if (word === '-H') {
          const [name, ...value] = words[(at += 1)]!.split(': ');
          headers.set(name!, value.join(': '));
        } else if (word === '-b') {
          headers.set('cookie', cookies);
          at += 1;
        } else if (word === '-c') at += 1;
        else if (word !== '-i') url = word;
      }
      const answer = await fetch(url.replace('localhost:4400', host), {
        method,
        headers,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      if (words.includes('-c'))
        cookies = answer.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; ');
      const text = await answer.text();
      const { pathname, search } = new URL(url);
      return {
        path: pathname + search,
        status: answer.status,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
    },
  };
}

/** Variables count outside of single quotes. */
function unquote(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(
    /'([^']*)'|"([^"]*)"|([^'"]+)/g,
    (_, single?: string, double?: string, bare?: string) =>
      single ??
      (double ?? bare!).replaceAll(/\$(\w+)/g, (__, name: string) => variables[name] ?? ''),
  );
}
