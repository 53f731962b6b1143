import { day, second } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import type { HeadwaterOptions } from '../options.ts';
import type { OutgoingResponse } from './exchange.ts';
import { isVisitorToken } from './visitor-token.ts';

type Header = OutgoingResponse['headers'][number];

/** RFC 6265bis §5.5 caps the age of cookies at 400 days. */
const visitorDaysMax = 400;
/** Known to the browser client, which reads it. */
const optOut = '_hw_optout';
const clickSeconds = (90 * day) / second;
/** Those of GoodAnalytics, whose anonymous ids have the form of our tokens, and whose identity is the id of a click. */
const adopted = { visitor: '_ga_anon', click: '_ga_good' } as const;

/** The cookies of our answers, under the names that the host chose. */
export interface Cookies {
  /** The visitor of a Cookie header; nothing that we cannot have set. */
  readVisitor(header: string | undefined): string | undefined;
  /** The click of ours that a visitor last came by. */
  readClick(header: string | undefined): string | undefined;
  setVisitor(token: string, secure: boolean, days?: number): Header;
  setClick(clickId: string, secure: boolean): Header;
  /** Removes what a device is recognised by, also of GoodAnalytics' what the Cookie header has. */
  forget(secure: boolean, header: string | undefined): readonly Header[];
  /** Whether visits of this browser are not to be counted. */
  isOptedOut(header: string | undefined): boolean;
  setOptOut(isOut: boolean, secure: boolean): Header;
}

export function createCookies(names: HeadwaterOptions['cookies'] = {}): Cookies {
  const { visitor = '_hw_visitor', click = '_hw_click' } = names;
  return {
    readVisitor(header) {
      const token = readCookie(header, visitor);
      if (isVisitorToken(token)) return token;
      const before = readCookie(header, adopted.visitor);
      return isVisitorToken(before) ? before : undefined;
    },
    readClick(header) {
      const id = readCookie(header, click) ?? readCookie(header, adopted.click);
      return id !== undefined && isUuid(id) ? id.toLowerCase() : undefined;
    },
    setVisitor: (token, secure, days = visitorDaysMax) => [
      'set-cookie',
      serverCookie(visitor, token, (Math.min(days, visitorDaysMax) * day) / second, secure),
    ],
    setClick: (clickId, secure) => [
      'set-cookie',
      serverCookie(click, clickId, clickSeconds, secure),
    ],
    forget(secure, header) {
      const theirs = Object.values(adopted).filter(
        (name) => readCookie(header, name) !== undefined,
      );
      return [visitor, click, ...theirs].map((name) => [
        'set-cookie',
        serverCookie(name, '', 0, secure),
      ]);
    },
    isOptedOut: (header) => readCookie(header, optOut) === '1',
    // A cookie that a script sets would last seven days in Safari.
    setOptOut: (isOut, secure) => [
      'set-cookie',
      serverCookie(
        optOut,
        isOut ? '1' : '',
        isOut ? (visitorDaysMax * day) / second : 0,
        secure,
      ).replace(' HttpOnly;', ''),
    ],
  };
}

/**
 * The value of one cookie of a Cookie header, by a scan: nothing else is decoded (RFC 6265 §4.2.1).
 * @public
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  for (;;) {
    const start = header.indexOf(name, from);
    if (start === -1) return undefined;
    const valueStart = start + name.length + 1;
    const before = start === 0 ? 59 : header.charCodeAt(start - 1);
    if (header.charCodeAt(valueStart - 1) === 61 && (before === 59 || before === 32)) {
      const end = header.indexOf(';', valueStart);
      return (end === -1 ? header.slice(valueStart) : header.slice(valueStart, end)).trim();
    }
    from = valueStart - 1;
  }
}

/**
 * A cookie for the host that answers: out of reach of scripts, not sent along with other sites' subrequests.
 * @public
 */
export function serverCookie(
  name: string,
  value: string,
  maxAgeSeconds: number,
  secure: boolean,
): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
