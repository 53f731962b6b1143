/** One line of an access log in the common or combined format, as far as an import needs it. */
export interface AccessLogLine {
  /** The virtual host that the line begins with, as it stands there: `www.example.com:443`. */
  readonly host?: string;
  /** The client: an address, or its name where the server looks names up. */
  readonly address: string;
  /** Milliseconds since the epoch, whatever zone the line is in. */
  readonly at: number;
  /** Absent where the client sent no request that the server could read. */
  readonly request?: { readonly method: string; readonly target: string };
  readonly status: number;
  readonly referrer?: string;
  /** Empty where the client sent none; absent in the common format, which does not tell. */
  readonly userAgent?: string;
}

/** Why a line is none of an access log. */
export const lineProblems = {
  empty: 'is empty',
  too_long: 'is longer than 64 KiB',
  no_time: 'has no time like [17/May/2015:10:05:03 +0000]',
  impossible_time: 'has a time that does not exist',
  no_client: 'has no address of a client before its time',
  no_request: 'has no request in quotes after its time',
  no_status: 'has no status and size after its request',
  unfinished: 'ends in the middle of a field',
} as const;
export type LineProblem = keyof typeof lineProblems;

/**
 * Reads one line: `%h %l %u %t "%r" %>s %b`, optionally with the virtual host before it, and with referrer and user
 * agent after it (https://httpd.apache.org/docs/2.4/logs.html#accesslog,
 * https://nginx.org/en/docs/http/ngx_http_log_module.html). Fields of one's own behind those are left alone.
 */
export function parseAccessLogLine(text: string): AccessLogLine | LineProblem {
  if (text.trim() === '') return 'empty';
  const time = timePattern.exec(text);
  if (time === null) return 'no_time';
  const at = readTime(time);
  if (at === undefined) return 'impossible_time';
  const client = readClient(text.slice(0, time.index));
  if (client === undefined) return 'no_client';

  const request = readQuoted(text, time.index + time[0].length);
  if (request === undefined) return 'no_request';
  statusPattern.lastIndex = request.end;
  const status = statusPattern.exec(text);
  if (status === null) return 'no_status';
  const common = { ...client, at, ...readRequest(request.value), status: Number(status[1]) };
  if (statusPattern.lastIndex === text.length) return common;

  const referrer = readQuoted(text, statusPattern.lastIndex);
  const userAgent = referrer && readQuoted(text, referrer.end);
  if (referrer === undefined || userAgent === undefined) return 'unfinished';
  return {
    ...common,
    ...(isGiven(referrer.value) && { referrer: referrer.value }),
    userAgent: isGiven(userAgent.value) ? userAgent.value : '',
  };
}

// The user before it may have blanks and brackets; the time itself has always this form (`%t`).
const timePattern =
  / \[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})\]/;
const statusPattern = / (\d{3}) (?:\d+|-)(?= |$)/y;
const quotedPattern = / "((?:[^"\\]|\\.)*)"(?= |$)/y;

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function readTime(match: RegExpExecArray): number | undefined {
  const [, dayOfMonth, monthName, year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] =
    match;
  const month = months.indexOf(monthName!);
  const midnight = Date.UTC(Number(year), month, Number(dayOfMonth));
  // 31 February would roll over into March. Second 60 is a leap second.
  const exists =
    month >= 0 &&
    new Date(midnight).getUTCDate() === Number(dayOfMonth) &&
    Number(hours) <= 23 &&
    Number(minutes) <= 59 &&
    Number(seconds) <= 60 &&
    Number(zoneHours) <= 15 &&
    Number(zoneMinutes) <= 59;
  if (!exists) return undefined;
  const local = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60;
  return midnight + (local - (sign === '-' ? -zone : zone)) * 1_000;
}

/** `host ident user`, and before them the virtual host where the format has it (Apache's `vhost_combined`). */
function readClient(before: string): Pick<AccessLogLine, 'host' | 'address'> | undefined {
  const words = before.trimStart().split(' ');
  const [first = '', second = ''] = words;
  if (words.length < 3 || first === '') return undefined;
  const namesPort = /^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(first);
  const isHost = namesPort || (!isAddress(first) && isAddress(second));
  if (!isHost) return { address: first };
  if (words.length < 4) return undefined;
  return { address: second, ...(/^[-_]$/.test(first) ? {} : { host: first }) };
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || /^(?=.*:.*:)[\da-f:.]+(?:%\w+)?$/i.test(text);
}

function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  quotedPattern.lastIndex = start;
  const match = quotedPattern.exec(text);
  return match === null
    ? undefined
    : { value: decodeEscapes(match[1]!), end: quotedPattern.lastIndex };
}

/** What is not HTTP (a TLS handshake, nothing at all) is answered and logged too, but asked for no page. */
function readRequest(value: string): Pick<AccessLogLine, 'request'> {
  const match = /^([A-Z]+) (\S.*?)(?: HTTP\/\d(?:\.\d)?)?$/.exec(value);
  return match === null ? {} : { request: { method: match[1]!, target: match[2]! } };
}

function isGiven(value: string): boolean {
  return value !== '' && value !== '-';
}

/** Apache writes `\"`, `\\`, `\n` and bytes as `\xhh`, nginx only the latter. */
function decodeEscapes(text: string): string {
  const decoded = text.includes('\\')
    ? text.replaceAll(/(?:\\x[\da-f]{2})+|\\(.)/gi, (bytes, letter: string | undefined) => {
        if (letter === undefined) return decodeBytes(bytes.replaceAll('\\x', ''));
        return letter === '"' || letter === '\\' ? letter : ' ';
      })
    : text;
  // Nobody's browser sends control characters, and PostgreSQL stores no NUL.
  return decoded.replaceAll(/\p{Cc}/gu, '');
}

const utf8 = new TextDecoder();

function decodeBytes(hex: string): string {
  return utf8.decode(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)));
}
