/** The mounts of `headwater/node`, each in the real framework. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import {
  toApiRequestHook,
  toApiRequestMiddleware,
  toFastifyNotFound,
  toFastifyPlugin,
  toInvitationGuard,
  toInvitationHook,
  toNodeHandler,
  toTrackingHook,
  toTrackingMiddleware,
} from 'headwater/node';
import type { AdmittedRequest, NodeRequest, NodeResponse, TrackedRequest } from 'headwater/node';
import { afterEach, describe, expect, it } from 'vitest';

import { expectMounted } from './expect-mounted.ts';
import { openMounted } from './mounted.ts';
import type { Mounted } from './mounted.ts';

const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function open(): Promise<Mounted> {
  const mounted = await openMounted();
  closing.push(() => mounted.hw.close());
  return mounted;
}

async function listen(server: Server & { closeAllConnections?: () => void }): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const logOptions = { paths: ['/api'], identify: 'nobody' } as const;
const guardOptions = { redirectTo: '/contact' };
type Asked = IncomingMessage & TrackedRequest & AdmittedRequest;
const sourceOf = (request: unknown): string =>
  (request as Asked).headwater?.source.source ?? 'nobody';
const nameOf = (request: unknown): string =>
  (request as Asked).admission?.invitation?.name ?? 'nobody';

describe('Headwater is mounted in', () => {
  it('Express, where its links come last', async () => {
    const mounted = await open();
    const { hw } = mounted;
    const app = express();
    app.use(express.json());
    app.use(toTrackingMiddleware(hw));
    app.use(toApiRequestMiddleware(hw, logOptions));
    app.use('/signup', toInvitationGuard(hw, guardOptions));
    app.get('/about', (request, response) => void response.send(sourceOf(request)));
    app.get('/signup', (request, response) => void response.send(nameOf(request)));
    app.get('/api/orders', (_request, response) => void response.json([]));
    app.use(toNodeHandler(hw));
    await expectMounted(mounted, await listen(createServer(app as RequestListener)));
  });

  it('Fastify, as a plugin and for what no route has', async () => {
    const mounted = await open();
    const { hw } = mounted;
    const app = fastify();
    closing.push(() => app.close());
    app.addHook('onRequest', toTrackingHook(hw));
    app.addHook('onResponse', toApiRequestHook(hw, logOptions));
    app.get('/about', (request) => sourceOf(request));
    app.get('/signup', { preHandler: toInvitationHook(hw, guardOptions) }, (request) =>
      nameOf(request),
    );
    app.get('/api/orders', () => []);
    app.post('/own', (request) => request.body);
    await app.register(toFastifyPlugin(hw));
    app.setNotFoundHandler(toFastifyNotFound(hw));
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    await expectMounted(mounted, origin);
    const own = await fetch(`${origin}/own`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"still":"parsed"}',
    });
    expect(await own.json()).toEqual({ still: 'parsed' });
  });

  it('Fastify over HTTP/2', async () => {
    const mounted = await open();
    const { hw } = mounted;
    const app = fastify({ http2: true });
    closing.push(() => app.close());
    app.addHook('onRequest', toTrackingHook(hw));
    app.addHook('onResponse', toApiRequestHook(hw, logOptions));
    app.get('/about', (request) => sourceOf(request));
    app.get('/signup', { preHandler: toInvitationHook(hw, guardOptions) }, (request) =>
      nameOf(request),
    );
    app.get('/api/orders', () => []);
    await app.register(toFastifyPlugin(hw));
    app.setNotFoundHandler(toFastifyNotFound(hw));
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const session = http2.connect(origin);
    closing.push(() => session.destroy());
    await expectMounted(mounted, origin, { ask: askOver(session) });
  });

  it('NestJS, ahead of its controllers', async () => {
    const mounted = await open();
    const { hw } = mounted;
    const app = await NestFactory.create(shopModule(), { logger: false });
    closing.push(() => app.close());
    app.use(toTrackingMiddleware(hw));
    app.use(toApiRequestMiddleware(hw, logOptions));
    app.use('/signup', toInvitationGuard(hw, guardOptions));
    app.use(toNodeHandler(hw));
    await app.listen(0, '127.0.0.1');
    await expectMounted(mounted, await app.getUrl(), { linksAreLast: false });
  });

  it('node:http', async () => {
    const mounted = await open();
    await expectMounted(mounted, await listen(createServer(plainListener(mounted))));
  });

  it('node:http2', async () => {
    const mounted = await open();
    const server = http2.createServer(plainListener(mounted));
    const origin = await listen(server);
    const session = http2.connect(origin);
    closing.push(() => session.destroy());
    await expectMounted(mounted, origin, { ask: askOver(session) });
  });
});

/** A module of NestJS; its decorators are called, because what runs here is only stripped of its types. */
function shopModule(): object {
  class Shop {
    about(request: unknown): string {
      return sourceOf(request);
    }
    signUp(request: unknown): string {
      return nameOf(request);
    }
    orders(): readonly unknown[] {
      return [];
    }
  }
  const routes = { about: '/about', signUp: '/signup', orders: '/api/orders' } as const;
  for (const [name, path] of Object.entries(routes)) {
    const method = Object.getOwnPropertyDescriptor(Shop.prototype, name)!;
    Get(path)(Shop.prototype, name, method);
    Req()(Shop.prototype, name, 0);
  }
  Controller()(Shop);
  class ShopModule {
    readonly name = 'shop';
  }
  Module({ controllers: [Shop] })(ShopModule);
  return ShopModule;
}

/** An application without a framework: what is left over is its own. */
function plainListener({ hw }: Mounted): (request: NodeRequest, response: NodeResponse) => void {
  const track = toTrackingMiddleware(hw);
  const log = toApiRequestMiddleware(hw, logOptions);
  const guard = toInvitationGuard(hw, guardOptions);
  const headwater = toNodeHandler(hw);
  return (request, response) =>
    log(request, response, () =>
      track(request, response, () => {
        const { pathname } = new URL(request.url ?? '/', 'http://any');
        const end = (text: string, status = 200) => {
          response.statusCode = status;
          // The two are one at run time; only their declarations cannot be called together.
          (response as ServerResponse).end(text);
        };
        if (pathname === '/about') end(sourceOf(request));
        else if (pathname === '/signup') guard(request, response, () => end(nameOf(request)));
        else if (pathname === '/api/orders') end('[]');
        else headwater(request, response, () => end('Not found', 404));
      }),
    );
}

/** `fetch` over one HTTP/2 connection. */
function askOver(session: http2.ClientHttp2Session) {
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const stream = session.request({
      ':path': path,
      ':method': init.method ?? 'GET',
      ...(init.headers as Record<string, string>),
    });
    stream.end(init.body as string | undefined);
    const [answered] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (const [name, value = ''] of Object.entries(answered)) {
      if (name.startsWith(':')) continue;
      for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
    }
    const status = Number(answered[':status']);
    const body = [204, 304].includes(status) ? null : Buffer.concat(chunks);
    return new Response(body, { status, headers });
  };
}
