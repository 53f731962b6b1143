import { describeDevice } from '../devices/device.ts';
import { given } from '../kernel/given.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { readArrivalParameters } from '../sources/arrival-parameters.ts';
import { classifySource } from '../sources/classify.ts';
import type { ClassifiedSource } from '../sources/source.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import { addressOf } from './access-log-event.ts';
import { openAccessLog } from './access-log-input.ts';
import type { LoggedSite } from './access-log-input.ts';
import { parseAccessLogLine } from './access-log-line.ts';
import type { AccessLogLine } from './access-log-line.ts';
import { checkAccessLogOptions } from './access-log-options.ts';
import type { AccessLogRefusal } from './import-access-log.ts';
import { classifyRequest } from './log-request.ts';
import { isBrokenPacking } from './read-input.ts';
import type { ImportStream } from './read-input.ts';

export interface ExplainAccessLogOptions {
  /** Scheme and host of the pages. @default what the lines name, else what their referrers show */
  readonly site?: string;
  /** Hosts of the site beside that of the pages. */
  readonly ownHosts?: ReadonlySet<string>;
  /** The workspace's own rules; without them the built-in ones decide. */
  readonly rules?: readonly SourceRule[];
}

/** What an arrival says of itself. Nothing in it leads to a person: no address, path, content or term. */
export interface ArrivalEvidence {
  /** The host that the referrer names. */
  readonly referrerHost: string | undefined;
  /** `utm_source`, `utm_medium` and `utm_campaign`, as they were read. */
  readonly tags: Readonly<Partial<Record<'source' | 'medium' | 'campaign', string>>>;
  /** The advertising click id, by its parameter. */
  readonly clickId: string | undefined;
  /** `via` or `ref`, where one of them names a partner. */
  readonly partner: string | undefined;
  /** The app in whose browser the page was opened; `undefined` for a browser of its own. */
  readonly inApp: string | undefined;
}

/** What is decided, as far as it is the same for all who say the same. */
export type ArrivalDecision = Pick<
  ClassifiedSource,
  'channel' | 'source' | 'medium' | 'kind' | 'rule' | 'confidence' | 'rulesVersion'
>;

/** All page views of a log that say the same, and what is decided about them. */
export interface DecidedArrivals {
  readonly evidence: ArrivalEvidence;
  readonly decision: ArrivalDecision;
  readonly pageviews: number;
}

export interface ExplainedAccessLog {
  /** Of the first log. */
  readonly site: LoggedSite | undefined;
  /** Where a packed log is cut off or damaged, what came before is counted. */
  readonly ended: 'complete' | 'cut_off';
  readonly lines: number;
  /** Pages that people got to see. */
  readonly pageviews: number;
  /** Lines of machines, which are never an arrival. */
  readonly machines: number;
  /** The most page views first. */
  readonly arrivals: readonly DecidedArrivals[];
  /** Page views that say something for which there was no more room. */
  readonly further: number;
}

type Counted = Omit<DecidedArrivals, 'pageviews'> & { pageviews: number };

/** What people write into addresses is without end; what a site is linked by is not. */
const arrivalsMax = 10_000;

/**
 * Says for every way in which people arrive in some access logs what is decided about it, and by which rule. Nothing is
 * written, and no database is needed.
 */
export async function explainAccessLogs(
  streams: Iterable<ImportStream>,
  { site, ownHosts = new Set(), rules }: ExplainAccessLogOptions = {},
): Promise<Result<ExplainedAccessLog, AccessLogRefusal>> {
  const refusal = checkAccessLogOptions(site === undefined ? {} : { site });
  if (refusal !== undefined) return refusal;
  const seen = new Map<string, Counted>();
  const counts = { lines: 0, pageviews: 0, machines: 0, further: 0 };
  let known: LoggedSite | undefined;
  let ended: ExplainedAccessLog['ended'] = 'complete';
  for (const stream of streams) {
    const opened = await openAccessLog(stream, site ?? known?.origin);
    if (!opened.ok) return opened;
    known ??= opened.value.site;
    try {
      for await (const batch of opened.value.batches)
        for (const { bytes } of batch) take(bytes?.toString(), known?.origin);
    } catch (error) {
      if (!isBrokenPacking(error)) throw error;
      ended = 'cut_off';
    }
  }
  const arrivals = [...seen.values()].sort(
    (one, other) => other.pageviews - one.pageviews || (keyOf(one) < keyOf(other) ? -1 : 1),
  );
  return ok({ site: known, ended, ...counts, arrivals });

  function take(text: string | undefined, origin: string | undefined): void {
    counts.lines += 1;
    const line = text === undefined ? 'too_long' : parseAccessLogLine(text);
    if (typeof line === 'string') return;
    const device = line.userAgent === undefined ? undefined : describeDevice(line.userAgent);
    if (device?.machine !== undefined) {
      counts.machines += 1;
      return;
    }
    if (classifyRequest(line) !== 'page') return;
    counts.pageviews += 1;
    const decided = decide(line, origin, device?.inApp);
    const key = keyOf(decided);
    const same = seen.get(key);
    if (same !== undefined) same.pageviews += 1;
    else if (seen.size < arrivalsMax) seen.set(key, decided);
    else counts.further += 1;
  }

  function decide(
    line: AccessLogLine,
    origin: string | undefined,
    inApp: string | undefined,
  ): Counted {
    const url = addressOf(line, origin);
    const { referrer, userAgent } = line;
    const source = classifySource({ url, referrer, userAgent, ownHosts, landing: true, rules });
    const { utm, clickId, partner } = readArrivalParameters(url);
    const { source: utmSource, medium, campaign } = utm;
    return {
      evidence: {
        referrerHost: source.referrerHost,
        tags: {
          ...(utmSource !== undefined && { source: utmSource }),
          ...(medium !== undefined && { medium }),
          ...(campaign !== undefined && { campaign }),
        },
        clickId: clickId?.parameter,
        partner: partner?.parameter,
        inApp,
      },
      decision: toDecision(source),
      pageviews: 1,
    };
  }
}

function toDecision(classified: ClassifiedSource): ArrivalDecision {
  const { channel, source, medium, kind, rule, confidence, rulesVersion } = classified;
  return { channel, kind, rule, confidence, rulesVersion, ...given({ source, medium }) };
}

function keyOf({ evidence, decision }: DecidedArrivals): string {
  const { referrerHost, tags, clickId, partner, inApp } = evidence;
  return JSON.stringify([
    decision.channel,
    decision.rule,
    decision.source,
    decision.medium,
    referrerHost,
    tags,
    clickId,
    partner,
    inApp,
  ]);
}
