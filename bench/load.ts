// The load generator: a process of its own that keeps a fixed number of connections busy, each with
// one request at a time (a closed loop), over plain sockets so that it needs less than the servers
// do. Takes a Load and answers a LoadResult over the channel to its parent.
import { randomFillSync } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { createHistogram } from './histogram.ts';

export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Ends the load after a time or a number of requests, whatever comes first. */
  readonly seconds: number;
  readonly requestsMax?: number;
  /** Not counted. */
  readonly warmUpSeconds: number;
  /** The bytes of the requests, sent in turn. Every `{uuid}` in them becomes a new random UUID each time. */
  readonly requests: readonly string[];
  /** Requests for each second; without it, as fast as the answers come. */
  readonly rate?: number;
  readonly expectedStatus: number;
  /** The cookie whose values the answers set, to be collected. */
  readonly collectCookie?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Answers with another status, by status, and connections that failed. */
  readonly unexpected: Readonly<Record<string, number>>;
  readonly cookies: readonly string[];
}

if (process.send !== undefined) {
  process.once('message', (load: Load) => {
    void run(load).then((result) => {
      process.send?.(result, () => process.disconnect());
    });
  });
  process.on('disconnect', () => process.exit());
}

async function run(load: Load): Promise<LoadResult> {
  const histogram = createHistogram();
  const unexpected: Record<string, number> = {};
  const cookies: string[] = [];
  const variants = compile(load);
  let variant = 0;
  let sent = 0;
  let done = 0;
  let outstanding = 0;
  let counting = load.warmUpSeconds === 0;
  let stopped = false;
  const startedAt = performance.now();
  let countingSince = startedAt;

  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const isAllSent = (): boolean => load.requestsMax !== undefined && sent >= load.requestsMax;

  const note = (what: string): void => {
    unexpected[what] = (unexpected[what] ?? 0) + 1;
  };

  function open(): void {
    const reader = createReader();
    let buffer = Buffer.alloc(0);
    let sentAt = 0;
    let waiting = false;
    const scratch = variants.scratch();

    const socket = connect({
      port: load.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(65_536),
        callback(size, bytes) {
          // Nearly always a whole answer arrives at once; what does not is put together here.
          let data: Uint8Array = (bytes as Buffer).subarray(0, size);
          if (buffer.length > 0) {
            buffer = Buffer.concat([buffer, data]);
            data = buffer;
          }
          const length = reader.read(data);
          if (length < 0) {
            if (data !== buffer) buffer = Buffer.from(data);
            return true;
          }
          if (buffer.length > 0) buffer = Buffer.alloc(0);
          answered(data);
          return true;
        },
      },
    });
    sockets.add(socket);
    socket.on('connect', next);
    socket.on('error', (error: NodeJS.ErrnoException) => note(error.code ?? 'error'));
    socket.on('close', () => {
      sockets.delete(socket);
      if (stopped) return;
      if (waiting) settle();
      note('closed');
      setTimeout(open, 50);
    });

    function answered(data: Uint8Array): void {
      settle();
      if (counting) {
        histogram.add((performance.now() - sentAt) * 1000);
        done += 1;
      }
      if (reader.status !== load.expectedStatus) note(String(reader.status));
      if (load.collectCookie !== undefined) collect(data);
      if (reader.closes) socket.destroy();
      else next();
    }

    function collect(data: Uint8Array): void {
      const head = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
      const value = new RegExp(`^set-cookie: (${load.collectCookie}=[^;\r\n]*)`, 'im').exec(
        head,
      )?.[1];
      if (value !== undefined) cookies.push(value);
    }

    function settle(): void {
      waiting = false;
      outstanding -= 1;
      if (outstanding === 0 && isAllSent()) finish();
    }

    function next(): void {
      if (stopped || isAllSent()) return;
      waiting = true;
      outstanding += 1;
      // Due times are fixed in advance: a slow answer delays its connection, not the whole schedule.
      const due =
        load.rate === undefined ? performance.now() : startedAt + (sent * 1000) / load.rate;
      sent += 1;
      const wait = due - performance.now();
      if (wait <= 1) write(due);
      else setTimeout(write, wait, due);
    }

    function write(due: number): void {
      if (stopped || socket.destroyed) return;
      const bytes = variants.fill(scratch, variant);
      variant += 1;
      sentAt = due;
      socket.write(bytes);
    }
  }

  for (let index = 0; index < load.connections; index += 1) open();
  const startCounting = (): void => {
    histogram.clear();
    done = 0;
    counting = true;
    countingSince = performance.now();
  };
  const warmUp = counting ? undefined : setTimeout(startCounting, load.warmUpSeconds * 1000);
  const end = setTimeout(finish, (load.warmUpSeconds + load.seconds) * 1000);
  await finished;
  clearTimeout(warmUp);
  clearTimeout(end);
  const seconds = (performance.now() - countingSince) / 1000;
  stopped = true;
  for (const socket of sockets) socket.destroy();
  return {
    requests: done,
    seconds,
    perSecond: done / seconds,
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
    p999: histogram.percentile(0.999),
    unexpected,
    cookies,
  };
}

interface Variants {
  /** Room for one request in flight. */
  scratch(): Buffer;
  /** The bytes of the request with this number. */
  fill(scratch: Buffer, index: number): Uint8Array;
}

const uuidLength = 36;

function compile(load: Load): Variants {
  const texts = load.requests;
  const blank = '0'.repeat(uuidLength);
  const bytes = texts.map((text) => Buffer.from(text.replaceAll('{uuid}', blank)));
  const offsets = texts.map((text) => {
    const found: number[] = [];
    const parts = text.split('{uuid}');
    let offset = 0;
    for (const part of parts.slice(0, -1)) {
      offset += Buffer.byteLength(part);
      found.push(offset);
      offset += uuidLength;
    }
    return found;
  });
  const longest = Math.max(...bytes.map((request) => request.length));
  return {
    scratch: () => Buffer.alloc(longest),
    fill(scratch, index) {
      const which = index % bytes.length;
      const request = bytes[which]!;
      const places = offsets[which]!;
      if (places.length === 0) return request;
      request.copy(scratch);
      for (const place of places) writeUuid(scratch, place);
      return scratch.subarray(0, request.length);
    },
  };
}

const random = Buffer.alloc(64 * 1024);
const hexDigits = Buffer.from('0123456789abcdef');
let randomOffset = random.length;

/** A UUID of version 4, as browsers make them (RFC 9562 §5.4). */
function writeUuid(target: Buffer, start: number): void {
  if (randomOffset + 16 > random.length) {
    randomFillSync(random);
    randomOffset = 0;
  }
  random[randomOffset + 6] = (random[randomOffset + 6]! & 0x0f) | 0x40;
  random[randomOffset + 8] = (random[randomOffset + 8]! & 0x3f) | 0x80;
  let at = start;
  for (let index = 0; index < 16; index += 1) {
    const byte = random[randomOffset + index]!;
    if (index === 4 || index === 6 || index === 8 || index === 10) {
      target[at] = 0x2d;
      at += 1;
    }
    target[at] = hexDigits[byte >> 4]!;
    target[at + 1] = hexDigits[byte & 15]!;
    at += 2;
  }
  randomOffset += 16;
}

interface Reader {
  status: number;
  closes: boolean;
  /** The length of the answer at the start of the bytes, or -1 when it is not complete. */
  read(bytes: Uint8Array): number;
}

/** Reads what our servers send: a status line, headers, and a body of `Content-Length` bytes. */
function createReader(): Reader {
  return {
    status: 0,
    closes: false,
    read(bytes) {
      let contentLength = 0;
      let line = 0;
      let chunked = false;
      this.closes = false;
      for (let index = 12; index < bytes.length; index += 1) {
        if (bytes[index] !== 0x0a) continue;
        line = index + 1;
        const first = bytes[line]! | 0x20;
        if (bytes[line] === 0x0d && bytes[line + 1] === 0x0a) {
          this.status = bytes[9]! * 100 + bytes[10]! * 10 + bytes[11]! - 5328;
          if (chunked) throw new Error('The load generator does not read chunked answers.');
          const length = line + 2 + contentLength;
          return bytes.length >= length ? length : -1;
        }
        if (first === 0x63 && bytes[line + 14] === 0x3a && (bytes[line + 8]! | 0x20) === 0x6c) {
          contentLength = readNumber(bytes, line + 15);
        } else if (
          first === 0x63 &&
          bytes[line + 10] === 0x3a &&
          (bytes[line + 12]! | 0x20) === 0x63
        ) {
          this.closes = true;
        } else if (first === 0x74 && bytes[line + 17] === 0x3a) {
          chunked = true;
        }
      }
      return -1;
    },
  };
}

function readNumber(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let index = start; index < bytes.length; index += 1) {
    const digit = bytes[index]! - 0x30;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (bytes[index] !== 0x20) break;
  }
  return value;
}
