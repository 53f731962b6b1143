import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { IncomingEvent, IngestOutcome } from '../ingest/event.ts';
import { second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { ConfigurationError } from '../kernel/errors.ts';
import { within } from '../kernel/within.ts';
import { namedIdentifiers } from '../visitors/named-identifiers.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkApiRequestOptions, describeApiRequest, isBelowAny, pathOf } from './api-request.ts';
import type {
  ApiAnswer,
  ApiCaller,
  ApiRequestOptions,
  DescribedApiRequest,
} from './api-request.ts';
import type { IncomingRequest } from './exchange.ts';
import { ownDigest } from './own-digest.ts';

/** Records the requests of a host's own API as `api_request` events, beside the host's work and never in its way. */
export interface ApiRequestLog<Asked> {
  /** Returns at once and never throws. */
  record(request: Request | IncomingRequest, answer: ApiAnswer, asked: Asked): void;
  /** Resolves when everything that was given so far is recorded or given up. */
  settle(): Promise<void>;
  readonly stats: ApiRequestStats;
}

export interface ApiRequestStats {
  readonly recorded: number;
  /** Not recorded: there were too many at once, something failed, or their person was erased. */
  readonly dropped: number;
}

/** What is on its way at once; a host that asks for more than the database takes goes on without. */
const waitingMax = 1_000;
const complainEvery = 10 * second;
/** How long the host may take to say who asked. */
const identifyMilliseconds = 10 * second;
/** As machines are: recorded, and nobody's. */
const nobody = 'unidentified';

interface AnsweredRequest extends DescribedApiRequest {
  readonly at: number;
  /** What asked, where nobody is named. */
  readonly machine: string;
}

/** @throws {ConfigurationError} options that record nothing, or do not say whom. */
export function createApiRequestLog<Asked>(
  context: Context,
  options: ApiRequestOptions<Asked>,
  toIncoming: (request: Request) => IncomingRequest,
): ApiRequestLog<Asked> {
  checkApiRequestOptions(options);
  const { sampleRate = 1 } = options;
  const stats = { recorded: 0, dropped: 0 };
  const waiting = new Set<Promise<void>>();
  let complainedAt = -Infinity;

  function drop(error: unknown): void {
    stats.dropped += 1;
    if (context.clock.now() - complainedAt < complainEvery) return;
    complainedAt = context.clock.now();
    context.logger.warn('Requests of the API are not recorded.', {
      dropped: stats.dropped,
      error: describeFault(error),
    });
  }

  /** What the callbacks say is asked for now: later the framework may have let go of the request. */
  function begin(request: Request | IncomingRequest, answer: ApiAnswer, asked: Asked): void {
    const incoming = request instanceof Request ? toIncoming(request) : request;
    if (!isBelowAny(pathOf(incoming.target), options.paths)) return;
    if (options.skip?.(asked, answer) === true) return;
    if (sampleRate < 1 && Math.random() >= sampleRate) return;
    if (waiting.size >= waitingMax) throw new Error('Too many of them wait.');
    const described = describeApiRequest(incoming, answer, {
      path: options.path?.(asked),
      keepParameters: options.keepParameters,
      properties: options.properties?.(asked, answer),
      ...(sampleRate < 1 && { sampleRate }),
    });
    const identified = options.identify === 'nobody' ? undefined : options.identify(asked);
    const caller = within(Promise.resolve(identified), identifyMilliseconds);
    const machine = context.devices.read((name) => incoming.header(name)).machine?.name ?? nobody;
    const work = finish({ ...described, machine, at: context.clock.now() }, caller).catch(drop);
    waiting.add(work);
    void work.finally(() => waiting.delete(work));
  }

  async function finish(
    answered: AnsweredRequest,
    identified: Promise<ApiCaller | undefined>,
  ): Promise<void> {
    const [caller, workspace] = await Promise.all([identified, findWorkspace()]);
    const { machine, at } = answered;
    const event = toEvent(workspace, answered);
    let outcome =
      caller === undefined
        ? await submit({ ...event, machine })
        : await submit({ ...event, ...whoAsked(workspace, caller, at) });
    // Whom the host names need not be known here: the request makes no visitor, and is recorded all the same.
    if (outcome.outcome === 'rejected' && outcome.code === 'visitor_not_found')
      outcome = await submit({ ...event, machine });
    if (outcome.outcome === 'rejected') stats.dropped += 1;
    else stats.recorded += 1;
  }

  /** It gives way to what somebody waits for. */
  function submit(event: IncomingEvent): Promise<IngestOutcome> {
    return context.ingest.submit(event, { background: true });
  }

  async function findWorkspace(): Promise<Workspace> {
    const { workspaceId: id } = options;
    const { workspaces } = context;
    const workspace =
      workspaces.remembered(id) ??
      (await (id === undefined ? workspaces.first() : workspaces.get(id)));
    if (workspace === undefined) throw new ConfigurationError(`There is no workspace ${id}.`);
    return workspace;
  }

  function toEvent(
    workspace: Workspace,
    { name, url, properties, at }: AnsweredRequest,
  ): IncomingEvent {
    const id = context.createId(at);
    return {
      workspaceId: workspace.id,
      id,
      key: id,
      digest: ownDigest,
      type: 'api_request',
      name,
      occurredAt: at,
      origin: 'library',
      identifiers: [],
      createsVisitor: false,
      url,
      properties,
    };
  }

  return {
    stats,
    record(request, answer, asked) {
      try {
        begin(request, answer, asked);
      } catch (error) {
        drop(error);
      }
    },
    async settle() {
      await Promise.all(waiting);
    },
  };
}

function whoAsked(
  workspace: Workspace,
  caller: ApiCaller,
  at: number,
): Pick<IncomingEvent, 'identifiers' | 'visitorId'> {
  const refused = checkEvent(workspace, { type: 'api_request', ...caller }, at);
  if (refused !== undefined) throw new Error(refused.message);
  const visitorId = caller.visitorId?.toLowerCase();
  return {
    identifiers: namedIdentifiers(workspace, caller),
    ...(visitorId !== undefined && { visitorId }),
  };
}
