import { CommandFailure } from './failure.ts';

/** Which database to fetch, from where, and as whom. */
export interface MaxMindSource {
  readonly edition: string;
  /** Where MaxMind's downloads are, or what stands in for it. */
  readonly base: URL;
  readonly accountId: string;
  readonly licenseKey: string;
}

/** Nothing for so long, and the connection is given up. */
const idleMilliseconds = 30_000;

/**
 * What the archive of the latest release has to hash to (SHA-256, hexadecimal).
 * @throws {CommandFailure} with what to do about it.
 */
export async function fetchArchiveDigest(source: MaxMindSource): Promise<string> {
  const answer = await ask(source, 'tar.gz.sha256');
  let text = '';
  for await (const chunk of answer.chunks) text += chunk.toString('latin1');
  // `<digest>  GeoLite2-City_20261117.tar.gz`, as sha256sum writes it.
  const digest = /^([0-9a-f]{64})(?:\s|$)/i.exec(text)?.[1];
  if (digest === undefined)
    throw new CommandFailure(`${source.base.host} answered with something else than a checksum.`);
  return digest.toLowerCase();
}

/** The archive of the latest release, and how long it says that it is. */
export function fetchArchive(source: MaxMindSource): Promise<Answer> {
  return ask(source, 'tar.gz');
}

interface Answer {
  readonly bytes: number | undefined;
  /** Ends with a {@link CommandFailure} where the connection does. */
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * https://dev.maxmind.com/geoip/updating-databases: basic authentication, and a redirect to the storage. `fetch` keeps
 * the credentials from another host.
 */
async function ask(source: MaxMindSource, suffix: string): Promise<Answer> {
  const { base, edition, accountId, licenseKey } = source;
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  const url = new URL(`${folder}geoip/databases/${encodeURIComponent(edition)}/download`, base);
  url.searchParams.set('suffix', suffix);
  const credentials = Buffer.from(`${accountId}:${licenseKey}`).toString('base64');
  const patience = createPatience();
  try {
    const response = await fetch(url, {
      headers: { authorization: `Basic ${credentials}`, 'user-agent': 'headwater' },
      signal: patience.signal,
    });
    patience.renew();
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new CommandFailure(explainStatus(response.status, source));
    }
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    return {
      bytes: Number.isSafeInteger(length) && length > 0 ? length : undefined,
      chunks: watched(response.body, patience, source),
    };
  } catch (error) {
    patience.end();
    throw explain(error, source);
  }
}

async function* watched(
  body: ReadableStream<Uint8Array>,
  patience: Patience,
  source: MaxMindSource,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      patience.renew();
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  } catch (error) {
    throw explain(error, source);
  } finally {
    patience.end();
  }
}

interface Patience {
  readonly signal: AbortSignal;
  renew(): void;
  end(): void;
}

function createPatience(): Patience {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new Error('nothing came for 30 seconds'));
  let timer = setTimeout(giveUp, idleMilliseconds);
  return {
    signal: controller.signal,
    renew() {
      clearTimeout(timer);
      timer = setTimeout(giveUp, idleMilliseconds);
    },
    end: () => clearTimeout(timer),
  };
}

function explainStatus(status: number, { base, edition }: MaxMindSource): string {
  switch (status) {
    case 401:
      return `${base.host} does not know this account id and license key (MAXMIND_ACCOUNT_ID, MAXMIND_LICENSE_KEY).`;
    case 402:
    case 403:
      return `This account may not download ${edition}.`;
    case 404:
      return `${base.host} has no edition ${edition}.`;
    case 429:
      return 'This account has downloaded too often today; MaxMind allows it again tomorrow.';
    default:
      return `${base.host} answered with status ${status}.`;
  }
}

function explain(error: unknown, { base }: MaxMindSource): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { readonly code?: unknown };
  const reason =
    typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
  return new CommandFailure(`The download from ${base.host} failed: ${reason}.`, undefined, {
    cause: error,
  });
}
