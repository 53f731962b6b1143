import { breakDown } from './analytics/breakdown.ts';
import type { BreakdownInput } from './analytics/breakdown.ts';
import { listEvents } from './analytics/list-events.ts';
import type { ListEventsInput } from './analytics/list-events.ts';
import { exportEvents } from './analytics/export-events.ts';
import type { ExportEventsInput } from './analytics/export-events.ts';
import { liveVisitors } from './analytics/live-visitors.ts';
import { overview } from './analytics/overview.ts';
import type { OverviewInput } from './analytics/overview.ts';
import { retention } from './analytics/retention.ts';
import { rollUpAll } from './analytics/roll-up-all.ts';
import type { RetentionInput } from './analytics/retention.ts';
import { summarise } from './analytics/summarise.ts';
import type { SummaryInput } from './analytics/summarise.ts';
import { timeSeries } from './analytics/time-series.ts';
import type { TimeSeriesInput } from './analytics/time-series.ts';
import type { IncomingRequest } from './capture/exchange.ts';
import { createTrackRequest } from './capture/track-request.ts';
import { toIncomingRequest } from './capture/web-exchange.ts';
import { createForwardedReader } from './capture/forwarded.ts';
import type { ApiRequestOptions } from './capture/api-request.ts';
import { createApiRequestLog } from './capture/log-api-request.ts';
import { submitConversion } from './connectors/submit-conversion.ts';
import type {
  SubmitConversionInput,
  SubmitConversionOptions,
} from './connectors/submit-conversion.ts';
import type { Context } from './context.ts';
import { creditVisitor } from './attribution/credit-visitor.ts';
import type { CreditVisitorInput } from './attribution/credit-visitor.ts';
import { explainConversion } from './attribution/explain-conversion.ts';
import type { ExplainConversionInput } from './attribution/explain-conversion.ts';
import { listCredits } from './attribution/list-credits.ts';
import type { ListCreditsInput } from './attribution/list-credits.ts';
import { reportPaths } from './attribution/report-paths.ts';
import type { PathReportInput } from './attribution/report-paths.ts';
import { reportAttribution } from './attribution/report-attribution.ts';
import type { AttributionReportInput } from './attribution/report-attribution.ts';
import type { Hook, HookOptions } from './hooks/hook.ts';
import type { EventType } from './ingest/event.ts';
import { foldInbox } from './ingest/fold-inbox.ts';
import type { AccessLogOptions } from './imports/access-log-options.ts';
import type { EventsImportOptions } from './imports/import-events.ts';
import type { ImportLinksInput, ImportLinksOptions } from './imports/import-links.ts';
import type { PhoenixKitTables } from './imports/import-phoenix-kit.ts';
import type { TableImportOptions } from './imports/import-table.ts';
import type { UsherTables } from './imports/import-usher.ts';
import type { ImportStream } from './imports/read-input.ts';
import { archiveFunnel } from './funnels/archive-funnel.ts';
import { createFunnel } from './funnels/create-funnel.ts';
import type { FunnelInput } from './funnels/create-funnel.ts';
import { funnelPeople } from './funnels/funnel-people.ts';
import type { FunnelPeopleInput } from './funnels/funnel-people.ts';
import type { FunnelDefinition } from './funnels/funnel.ts';
import { getFunnel } from './funnels/get-funnel.ts';
import { listFunnels } from './funnels/list-funnels.ts';
import type { ListFunnelsInput } from './funnels/list-funnels.ts';
import { reportFunnel } from './funnels/report-funnel.ts';
import type { ReportFunnelInput } from './funnels/report-funnel.ts';
import { updateFunnel } from './funnels/update-funnel.ts';
import type { FunnelChanges } from './funnels/update-funnel.ts';
import { trackEvent, trackEvents } from './ingest/track-event.ts';
import type { TrackEventInput, TrackEventOptions } from './ingest/track-event.ts';
import { ConfigurationError, HeadwaterError } from './kernel/errors.ts';
import type { PageInput } from './kernel/page.ts';
import { createConnectorCalls } from './library-connectors.ts';
import { createGateCalls } from './library-gate.ts';
import { createInvitationCalls } from './library-invitations.ts';
import type { InWorkspace, ReadIn, WriteIn } from './library-scope.ts';
import { createPartnerCalls } from './library-partners.ts';
import { createLedgerCalls } from './library-ledger.ts';
import { createAuditCalls, createLinkManagementCalls } from './library-links.ts';
import { createProjectCalls } from './library-projects.ts';
import { createPaymentCalls } from './library-payments.ts';
import { createWebhookCalls } from './library-webhooks.ts';
import { createReferralCalls } from './library-referrals.ts';
import { createWaitlistCalls } from './library-waitlist.ts';
import { archiveLink } from './links/archive-link.ts';
import { createLink } from './links/create-link.ts';
import type { LinkInput } from './links/create-link.ts';
import { drawLinkQrCode } from './links/draw-link-qr-code.ts';
import type { QrInput } from './links/draw-link-qr-code.ts';
import { getLink, getLinkByExternalId, getLinkByKey } from './links/get-link.ts';
import { linkClicks } from './links/link-clicks.ts';
import type { LinkClicksInput } from './links/link-clicks.ts';
import { linkStats } from './links/link-stats.ts';
import { linkVariants } from './links/link-variants.ts';
import { listLinks } from './links/list-links.ts';
import type { ListLinksInput } from './links/list-links.ts';
import type { Link, LinkChanges } from './links/link.ts';
import { restoreLink } from './links/restore-link.ts';
import { getLinkDomain, setLinkDomain } from './links/set-link-domain.ts';
import type { LinkDomain } from './links/set-link-domain.ts';
import { shareUrls } from './links/share-urls.ts';
import type { ShareOptions } from './links/share-urls.ts';
import { shortUrl } from './links/short-url.ts';
import { simulateLink } from './links/simulate-link.ts';
import type { SimulateLinkInput } from './links/simulate-link.ts';
import { updateLink } from './links/update-link.ts';
import { getSession } from './sessions/get-session.ts';
import { listSessions } from './sessions/list-sessions.ts';
import { reclassifyTouches } from './rebuild/reclassify-touches.ts';
import type { ReclassifyOptions } from './rebuild/reclassify-touches.ts';
import { rebuildWorkspace } from './rebuild/rebuild-workspace.ts';
import type { RebuildOptions } from './rebuild/rebuild-workspace.ts';
import { explainArrival } from './sources/explain-arrival.ts';
import type { ExplainArrivalInput } from './sources/explain-arrival.ts';
import { subscribeAll } from './live/subscribe-all.ts';
import { subscribeLive } from './live/subscribe-live.ts';
import type { LiveListener, SubscribeInput } from './live/subscribe-live.ts';
import { applyRetention } from './privacy/apply-retention.ts';
import { privacyStatement } from './privacy/describe-storage.ts';
import { exportPerson } from './privacy/export-person.ts';
import { forgetPerson } from './privacy/forget-person.ts';
import { liftErasure } from './privacy/lift-erasure.ts';
import type { PersonReference } from './privacy/person-reference.ts';
import type { WriteOptions } from './store/database.ts';
import { findVisitorByExternalId, getVisitor } from './visitors/get-visitor.ts';
import { identifyVisitor } from './visitors/identify-visitor.ts';
import type { IdentifyVisitorInput } from './visitors/identify-visitor.ts';
import { listVisitors } from './visitors/list-visitors.ts';
import type { ListVisitorsInput } from './visitors/list-visitors.ts';
import { mergeVisitors } from './visitors/merge-visitors.ts';
import type { MergeVisitorsInput } from './visitors/merge-visitors.ts';
import type { NamedPerson } from './visitors/named-identifiers.ts';
import { rebuildIdentities } from './visitors/rebuild-identities.ts';
import { resolveVisitor } from './visitors/resolve-visitor.ts';
import type { ResolveVisitorInput } from './visitors/resolve-visitor.ts';
import { undoMerge } from './visitors/undo-merge.ts';
import { visitorAttribution } from './visitors/visitor-attribution.ts';
import { visitorEvidence } from './visitors/visitor-evidence.ts';
import { visitorTimeline } from './visitors/visitor-timeline.ts';
import { claimDomain } from './workspaces/claim-domain.ts';
import { createApiKey } from './workspaces/create-api-key.ts';
import type { CreateApiKeyInput } from './workspaces/create-api-key.ts';
import { createWorkspace } from './workspaces/create-workspace.ts';
import type { CreateWorkspaceInput } from './workspaces/create-workspace.ts';
import { listApiKeys } from './workspaces/list-api-keys.ts';
import { listDomains } from './workspaces/list-domains.ts';
import { listWorkspaces } from './workspaces/list-workspaces.ts';
import { removeDomain } from './workspaces/remove-domain.ts';
import { revokeApiKey } from './workspaces/revoke-api-key.ts';
import { rotateApiKey } from './workspaces/rotate-api-key.ts';
import type { RotateApiKeyInput } from './workspaces/rotate-api-key.ts';
import { updateApiKey } from './workspaces/update-api-key.ts';
import type { UpdateApiKeyInput } from './workspaces/update-api-key.ts';
import { updateDomain } from './workspaces/update-domain.ts';
import type { UpdateDomainInput } from './workspaces/update-domain.ts';
import { updateWorkspace } from './workspaces/update-workspace.ts';
import type { UpdateWorkspaceInput } from './workspaces/update-workspace.ts';
import { verifyDomain } from './workspaces/verify-domain.ts';
import { createWorkspaceDirectory } from './workspaces/workspace-directory.ts';
import type { Workspace } from './workspaces/workspace.ts';

export type TrackIn = InWorkspace & TrackEventOptions;

/** The parts of an engine as the host application calls them. */
export type Library = ReturnType<typeof createLibrary>;

export function createLibrary(context: Context) {
  const readForwarded = createForwardedReader(context.options);

  /** Every call comes through here: which workspace it means, and which connection it may use. */
  async function on<T>(
    options: ReadIn | undefined,
    work: (scope: Context, workspace: Workspace) => Promise<T>,
  ): Promise<T> {
    const scope = asActor(scopeOf(options), options?.actor);
    const id = options?.workspaceId;
    const workspace =
      remembered(id) ??
      (await (id === undefined ? scope.workspaces.first() : scope.workspaces.get(id)));
    if (workspace === undefined) throw new ConfigurationError(`There is no workspace ${id}.`);
    return work(scope, workspace);
  }

  /** A report is read from the replica, where there is one, unless it is asked inside the host's transaction. */
  const onReport: typeof on = (options, work) => {
    const { reports } = context;
    if (reports === undefined || options?.tx !== undefined) return on(options, work);
    return reports.read((database, asOf) =>
      on(options, async (scope, workspace) => {
        const read = await work({ ...scope, database }, workspace);
        // What it refuses it may not have heard of yet.
        return asOf !== undefined && isRefused(read) ? work(scope, workspace) : read;
      }),
    );
  };

  function asActor(scope: Context, actor: string | undefined): Context {
    return actor === undefined ? scope : { ...scope, actor };
  }

  /** What the process remembers of a workspace, where that can be relied on. */
  function remembered(id?: string): Workspace | undefined {
    return context.changeLog.isBehind() ? undefined : context.workspaces.remembered(id);
  }

  /** Inside a host's transaction every query of the call is on its connection: another one might never come free. */
  function scopeOf(options: WriteOptions | undefined): Context {
    if (options?.tx === undefined) {
      if (!context.database.isBusyWithHost()) return context;
      throw new HeadwaterError(
        'transaction_open',
        'A transaction is open on this PGlite, which has one connection. Give it to the call as `tx`, or call when it has ended.',
      );
    }
    const database = { ...context.database, db: context.database.join(options.tx) };
    const { ownHosts, connectors, forget } = context.workspaces;
    const directory = createWorkspaceDirectory({ ...context, database });
    return {
      ...context,
      database,
      workspaces: {
        ...directory,
        first: async () => remembered() ?? directory.first(),
        get: async (id) => remembered(id) ?? directory.get(id),
        ownHosts: (workspace) =>
          context.workspaces.remembered(workspace.id) === workspace
            ? ownHosts(workspace)
            : directory.ownHosts(workspace),
        connectors,
        forget,
      },
    };
  }

  const trackRequest = createTrackRequest(context);

  return {
    /** Who changed what. */
    audit: createAuditCalls(on),
    /** Short links and their counters. */
    links: {
      ...createLinkManagementCalls(on),
      /** Creates a short link; the key is generated where none is given. */
      create: (input: LinkInput, options?: WriteIn) =>
        on(options, (scope, workspace) => createLink(scope, workspace, input, options)),
      /** The link with this id, archived or not. */
      get: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getLink(scope, workspace, id)),
      /** The link that this domain and key lead to now. */
      getByKey: (domain: string, key: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getLinkByKey(scope, workspace, domain, key)),
      /** The link that is not archived and has this external id. */
      getByExternalId: (externalId: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getLinkByExternalId(scope, workspace, externalId)),
      /** Newest first and without the archived ones, unless something else is asked for. */
      list: (input: ListLinksInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listLinks(scope, workspace, input)),
      /** Changes what is given; `null` clears a field. Domain and key stay. */
      update: (id: string, changes: LinkChanges, options?: WriteIn) =>
        on(options, (scope, workspace) => updateLink(scope, workspace, id, changes, options)),
      /** Ends a link and frees its domain and key. */
      archive: (id: string, options?: WriteIn) =>
        on(options, (scope, workspace) => archiveLink(scope, workspace, id, options)),
      /** Puts an archived link back into service, where nobody has taken its key or external id meanwhile. */
      restore: (id: string, options?: WriteIn) =>
        on(options, (scope, workspace) => restoreLink(scope, workspace, id, options)),
      /** What people are given to follow a link. */
      shortUrl: (link: Pick<Link, 'domain' | 'key'>) =>
        shortUrl(link, context.options.links?.scheme),
      /** By platform: the address that opens its form for sharing. Of a link, or of any URL. */
      shareUrls: (link: Pick<Link, 'domain' | 'key'> | string, options?: ShareOptions) =>
        shareUrls(
          typeof link === 'string' ? link : shortUrl(link, context.options.links?.scheme),
          options,
        ),
      /** The QR code of a link, as SVG or PNG. */
      qrCode: (id: string, input: QrInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => drawLinkQrCode(scope, workspace, id, input)),
      /** Where a request would go, and why. Nothing is counted. */
      simulate: (id: string, input: SimulateLinkInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => simulateLink(scope, workspace, id, input)),
      /** What became of those whom a link has sent to its variants, and which one wins. */
      variants: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => linkVariants(scope, workspace, id)),
      /** What a host answers beside its links: pages, and the files that apps are recognised by. */
      getDomain: (input: { readonly host: string }, options?: ReadIn) =>
        on(options, (scope, workspace) => getLinkDomain(scope, workspace, input)),
      setDomain: (input: LinkDomain, options?: WriteIn) =>
        on(options, (scope, workspace) => setLinkDomain(scope, workspace, input, options)),
      /** Clicks, leads, sales and revenue of a link, as counted up to now. */
      stats: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => linkStats(scope, workspace, id)),
      /** Newest first. */
      clicks: (id: string, input: LinkClicksInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => linkClicks(scope, workspace, id, input)),
    },
    /** Tokens that let somebody in, and what was done with them. */
    invitations: createInvitationCalls(on),
    /** Endpoints of others' servers, and what they were told. */
    webhooks: createWebhookCalls(context, on),
    /** Messages of payment providers, and the sales that they became. */
    payments: createPaymentCalls(context, on),
    /** Codes that people tell one another, and who referred whom. */
    referrals: createReferralCalls(on, (request, remoteAddress) =>
      request instanceof Request
        ? toIncomingRequest(request, remoteAddress, readForwarded)
        : request,
    ),
    /** Conversions back to the ad platforms. */
    connectors: createConnectorCalls(on, () => scopeOf(undefined)),
    /** What accounts have earned and were paid. */
    ledger: createLedgerCalls(on),
    /** Who earns on referral links, by which rules, and what they are paid. */
    partners: createPartnerCalls(on),
    /** Who may come in while that takes an invitation or a code. */
    gate: createGateCalls(on, context),
    /** Who waits to be invited, and how they move up. */
    waitlist: createWaitlistCalls(on),
    /** Parts of a workspace that count their own registrations and conversions. */
    projects: createProjectCalls(on),
    /** Who came, who they are, and how we know. */
    visitors: {
      /** The visitor behind some signals; a new one where nobody is known by them. */
      resolve: (input: ResolveVisitorInput, options?: WriteIn) =>
        on(options, (scope, workspace) => resolveVisitor(scope, workspace, input, options)),
      /** Says who a visitor is. */
      identify: (input: IdentifyVisitorInput, options?: WriteIn) =>
        on(options, (scope, workspace) => identifyVisitor(scope, workspace, input, options)),
      /** A person by the id of any of their visitors. */
      get: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getVisitor(scope, workspace, id)),
      /** A person by the id that the host knows them by. */
      getByExternalId: (externalId: string, options?: ReadIn) =>
        on(options, (scope, workspace) => findVisitorByExternalId(scope, workspace, externalId)),
      /** People, newest first. */
      list: (input: ListVisitorsInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listVisitors(scope, workspace, input)),
      /** What a person did, newest first. */
      timeline: (id: string, input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => visitorTimeline(scope, workspace, id, input)),
      /** The latest touches by which a person came, oldest first. */
      attribution: (id: string, input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => visitorAttribution(scope, workspace, id, input)),
      /** Why these identifiers are one person; the latest merges and refusals, oldest first. */
      evidence: (id: string, input: Omit<PageInput, 'offset'> = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => visitorEvidence(scope, workspace, id, input)),
      /** Joins two people because somebody says that they are one. */
      merge: (input: MergeVisitorsInput, options?: WriteIn & { readonly actor?: string }) =>
        on(options, (scope, workspace) => mergeVisitors(scope, workspace, input, options)),
      /** Takes a merge back. In a transaction of its own: it locks what everybody shares. */
      undoMerge: (mergeId: string, options: InWorkspace & { readonly actor?: string } = {}) =>
        on(options, (scope, workspace) => undoMerge(scope, workspace, mergeId, options)),
      /** Replays the evidence in the order of (time, id): the canonical people. In a transaction of its own. */
      rebuild: (options?: InWorkspace) =>
        on(options, (scope, workspace) => rebuildIdentities(scope, workspace)),
    },
    /**
     * Makes everything that follows from the events again, as far back as they are kept: people, visits, touches,
     * credit and counters. In transactions of its own, while events go on coming in.
     */
    rebuild: (options: InWorkspace & RebuildOptions = {}) =>
      on(options, (scope, workspace) => rebuildWorkspace(scope, workspace, options)),
    /** Visits: what people did between arriving and leaving. */
    sessions: {
      /** The visits of a person, newest first. */
      list: (visitorId: string, input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listSessions(scope, workspace, visitorId, input)),
      /** One visit with what happened in it, newest first. */
      get: (id: string, input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => getSession(scope, workspace, id, input)),
    },
    /** Where addresses are, without asking anybody. */
    places: {
      /** Where an IP address is. It is neither kept nor logged. */
      locate: context.places.locate,
      /** Resolves when the database is loaded, or cannot be; `{ within: { seconds: 30 } }` at most. */
      ready: context.places.ready,
    },
    /** What happened, recorded by the host. */
    events: {
      /** Records one event of a visitor that is known. */
      track: (input: TrackEventInput, options?: TrackIn) =>
        on(options, (scope, workspace) => trackEvent(scope, workspace, input, options)),
      /** Records several events; each has its own answer. */
      trackBatch: (inputs: readonly TrackEventInput[], options?: TrackIn) =>
        on(options, (scope, workspace) => trackEvents(scope, workspace, inputs, options)),
      /** `track` of a lead. */
      lead: (input: Omit<TrackEventInput, 'type'>, options?: TrackIn) =>
        on(options, (scope, workspace) =>
          trackEvent(scope, workspace, { ...input, type: 'lead' }, options),
        ),
      /** `track` of a sale. */
      sale: (input: Omit<TrackEventInput, 'type'>, options?: TrackIn) =>
        on(options, (scope, workspace) =>
          trackEvent(scope, workspace, { ...input, type: 'sale' }, options),
        ),
      /** A lead with what its request says to ad platforms: `{ connectorSignals: { _fbp: … } }`. */
      submitLead: (
        visitor: string | { readonly id: string },
        input: SubmitConversionInput = {},
        options?: InWorkspace & SubmitConversionOptions,
      ) =>
        on(options, (scope, workspace) =>
          submitConversion(scope, workspace, 'lead', visitor, input, options),
        ),
      /** A sale with what its request says to ad platforms. */
      submitSale: (
        visitor: string | { readonly id: string },
        input: SubmitConversionInput = {},
        options?: InWorkspace & SubmitConversionOptions,
      ) =>
        on(options, (scope, workspace) =>
          submitConversion(scope, workspace, 'sale', visitor, input, options),
        ),
      /** Newest first, the last 30 days unless asked otherwise. */
      list: (input: ListEventsInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listEvents(scope, workspace, input)),
      /** Takes in what transactions of the host have committed, and waits until everything given so far is recorded. */
      flush: async () => {
        await foldInbox(scopeOf(undefined));
        await context.ingest.flush();
      },
    },
    /** What other systems know, taken over; an import that is run again adds nothing twice. */
    imports: {
      /** Imports the links of another product from what it exports. */
      links: (input: ImportLinksInput, options: ImportLinksOptions & InWorkspace = {}) =>
        on(options, async (scope, workspace) => {
          const { importLinks } = await import('./imports/import-links.ts');
          return importLinks(scope, workspace, input, options);
        }),
      /** Imports an access log in the common or combined format, as it is or packed by gzip. */
      accessLog: (stream: ImportStream, options: AccessLogOptions & InWorkspace = {}) =>
        on(options, async (scope, workspace) => {
          const { importAccessLog } = await import('./imports/import-access-log.ts');
          return importAccessLog(scope, workspace, stream, options);
        }),
      /** Imports events of another system from CSV or NDJSON, by a mapping of its columns. */
      events: (stream: ImportStream, options: EventsImportOptions & InWorkspace) =>
        on(options, async (scope, workspace) => {
          const { importEvents } = await import('./imports/import-events.ts');
          return importEvents(scope, workspace, stream, options);
        }),
      /** Imports Usher's invitations and their usages, from dumps or from the database that they are in. */
      usher: (tables: UsherTables, options: TableImportOptions & InWorkspace = {}) =>
        on(options, async (scope, workspace) => {
          const { importUsher } = await import('./imports/import-usher.ts');
          return importUsher(scope, workspace, tables, options);
        }),
      /** The same of PhoenixKit's referral codes and who used them. */
      phoenixKit: (tables: PhoenixKitTables, options: TableImportOptions & InWorkspace = {}) =>
        on(options, async (scope, workspace) => {
          const { importPhoenixKit } = await import('./imports/import-phoenix-kit.ts');
          return importPhoenixKit(scope, workspace, tables, options);
        }),
    },
    /** What each source is worth, under any model, and why. */
    attribution: {
      /** What each channel, campaign, link … has brought, under one model or several. */
      report: (input: AttributionReportInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => reportAttribution(scope, workspace, input)),
      /** The ways that led to conversions: the most frequent, how long they are, how much time they took. */
      paths: (input: PathReportInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => reportPaths(scope, workspace, input)),
      /** Every row of credit and of what took it back, page by page, for books of one's own. */
      credits: (input: ListCreditsInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) =>
          Promise.resolve(listCredits(scope, workspace, input)),
        ),
      /** The conversions of a person, each with its path and the credit of every touch. */
      visitor: (id: string, input: CreditVisitorInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => creditVisitor(scope, workspace, id, input)),
      /** Which touches could have earned a conversion, who wins under each model, and why the others do not. */
      explain: (conversionId: string, input: ExplainConversionInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) =>
          explainConversion(scope, workspace, conversionId, input),
        ),
    },
    /** Where arrivals come from, and why. */
    sources: {
      /** Where an arrival would be taken to come from, by the rules of now, and why. Nothing is recorded. */
      explain: (input: ExplainArrivalInput, options?: ReadIn) =>
        on(options, (scope, workspace) => explainArrival(scope, workspace, input)),
      /**
       * Classifies the touches of the past anew, after rules have changed: under the rules of now, and by what each touch
       * keeps of its arrival. Reports and credit follow. In transactions of its own, while events go on coming in.
       */
      reclassify: (options: InWorkspace & ReclassifyOptions = {}) =>
        on(options, (scope, workspace) => reclassifyTouches(scope, workspace, options)),
    },
    /** How far people come, step by step. */
    funnels: {
      /** Stores a funnel; its name is unique among the live ones. */
      create: (input: FunnelInput, options?: WriteIn) =>
        on(options, (scope, workspace) => createFunnel(scope, workspace, input, options)),
      /** A stored funnel by its id. */
      get: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getFunnel(scope, workspace, id)),
      /** Newest first and without the archived ones, unless they are asked for. */
      list: (input: ListFunnelsInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listFunnels(scope, workspace, input)),
      /** Changes what is given. */
      update: (id: string, changes: FunnelChanges, options?: WriteIn) =>
        on(options, (scope, workspace) => updateFunnel(scope, workspace, id, changes, options)),
      /** Puts a funnel away and frees its name. */
      archive: (id: string, options?: WriteIn) =>
        on(options, (scope, workspace) => archiveFunnel(scope, workspace, id, options)),
      /** How far people come: of a stored funnel by its id, or of a definition. */
      report: (
        funnel: string | FunnelDefinition,
        input: ReportFunnelInput = {},
        options?: ReadIn,
      ) => onReport(options, (scope, workspace) => reportFunnel(scope, workspace, funnel, input)),
      /** The people behind a number of the report. */
      people: (funnel: string | FunnelDefinition, input: FunnelPeopleInput, options?: ReadIn) =>
        onReport(options, (scope, workspace) => funnelPeople(scope, workspace, funnel, input)),
    },
    /** Who the people are, by one dimension. */
    audience: {
      /** GoodAnalytics' name for `analytics.breakdown`. */
      breakdown: (input: BreakdownInput, options?: ReadIn) =>
        on(options, (scope, workspace) => breakDown(scope, workspace, input)),
    },
    /** What happened, in numbers. */
    analytics: {
      /** The numbers of a window at a glance, and those of the same length of time before. */
      summary: (input: SummaryInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => summarise(scope, workspace, input)),
      /** What a dashboard shows at once: summary, time series and breakdowns in one pass. */
      overview: (input: OverviewInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => overview(scope, workspace, input)),
      /** Metrics over time, in any IANA zone, without gaps. */
      timeSeries: (input: TimeSeriesInput, options?: ReadIn) =>
        onReport(options, (scope, workspace) => timeSeries(scope, workspace, input)),
      /** Numbers by the values of one dimension. */
      breakdown: (input: BreakdownInput, options?: ReadIn) =>
        onReport(options, (scope, workspace) => breakDown(scope, workspace, input)),
      /** How many of the new people of each week came back in the weeks after. */
      retention: (input: RetentionInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) => retention(scope, workspace, input)),
      /** Who did anything in the last minutes. */
      live: (options?: ReadIn) =>
        onReport(options, (scope, workspace) => liveVisitors(scope, workspace)),
      /** The events of a window, oldest first, read page by page while they are taken. */
      events: (input: ExportEventsInput = {}, options?: ReadIn) =>
        onReport(options, (scope, workspace) =>
          Promise.resolve(exportEvents(scope, workspace, input)),
        ),
      /**
       * Brings what reports read instead of the events further up to date, in all workspaces; again while it `goesOn`.
       * `hw.start()` does it every half a minute; without it, reports are as right, and slower.
       */
      rollUp: () => rollUpAll(scopeOf(undefined)),
    },
    /** Page views that the application serves itself. */
    tracking: {
      /**
       * What a page view of the host's own says about who came and from where; `undefined` for what is no page view.
       * Writes nothing. The answer to the request should carry its `headers`.
       */
      read: (
        request: Request | IncomingRequest,
        options: InWorkspace & { readonly remoteAddress?: string } = {},
      ) =>
        trackRequest(
          request instanceof Request
            ? toIncomingRequest(request, options.remoteAddress, readForwarded)
            : request,
          options.workspaceId,
        ),
    },
    /** Requests of the host's own API. */
    apiRequests: {
      /**
       * Records requests of the host's own API as `api_request` events, for frameworks that speak `Request`; for Node
       * there is middleware (`headwater/node`).
       * @throws {ConfigurationError} options that record nothing, or do not say whom.
       */
      log: <Asked = Request>(options: ApiRequestOptions<Asked>) =>
        createApiRequestLog(context, options, (request) =>
          toIncomingRequest(request, undefined, readForwarded),
        ),
    },
    /** Callbacks of the host on events. */
    hooks: {
      /**
       * Calls `hook` once for each event of the type that this process commits; on `link_click` it may set cookies on
       * the redirect, for which it has 50 ms. Returns what takes it away again.
       */
      register: (type: EventType, hook: Hook, options?: HookOptions) =>
        context.hooks.register(type, hook, options),
    },
    /** What happens, as it happens. */
    live: {
      /** Tells the listener of clicks and recorded events, of all processes, one after the other. */
      subscribe: (input: SubscribeInput, listener: LiveListener, options?: InWorkspace) =>
        on(options, (scope, workspace) => subscribeLive(scope, workspace, input, listener)),
      /** The same of every workspace, also of those that are made later. */
      subscribeAll: (input: Pick<SubscribeInput, 'topics'>, listener: LiveListener) =>
        subscribeAll(scopeOf(undefined), input, listener),
      /** Ends every subscription and stream and begins no other: what a server does first when it stops. */
      close: () => context.live.close(),
    },
    /** What is stored of people, given out and erased. */
    privacy: {
      /** Everything that is stored of a person. */
      export: (person: PersonReference, options?: InWorkspace) =>
        on(options, (scope, workspace) => exportPerson(scope, workspace, person)),
      /** Erases a person from every table, in a transaction of its own. */
      forget: (person: PersonReference, options: InWorkspace & { readonly actor?: string } = {}) =>
        on(options, (scope, workspace) => forgetPerson(scope, workspace, person, options)),
      /** What is stored of people under the workspace's settings. */
      statement: (options?: ReadIn) =>
        on(options, (_scope, workspace) => Promise.resolve(privacyStatement(workspace))),
      /**
       * Lets go of what is older than the workspaces keep, in all of them. `hw.start()` does it once a day; a host that
       * runs no background work calls it.
       */
      applyRetention: () => applyRetention(scopeOf(undefined)),
      /** Lets somebody who was erased come back by their own will, as somebody new. */
      lift: (person: NamedPerson, options?: WriteIn) =>
        on(options, (scope, workspace) => liftErasure(scope, workspace, person, options)),
    },
    /** The tenants, and the hosts whose links they serve. */
    workspaces: {
      /** The oldest workspace: what every call means that names none. */
      first: async (options?: WriteOptions) => remembered() ?? scopeOf(options).workspaces.first(),
      /** A workspace by its id. */
      get: async (id: string, options?: WriteOptions) =>
        remembered(id) ?? scopeOf(options).workspaces.get(id),
      /** Oldest first. */
      list: async (input: Parameters<typeof listWorkspaces>[1] = {}, options?: WriteOptions) =>
        listWorkspaces(scopeOf(options), input),
      /** Makes a workspace. */
      create: async (input: CreateWorkspaceInput, options?: WriteOptions) =>
        createWorkspace(scopeOf(options), input, options),
      /** Changes what is given of a workspace and its settings. */
      update: (input: UpdateWorkspaceInput, options?: WriteIn) =>
        on(options, (scope, workspace) => updateWorkspace(scope, workspace, input, options)),
      /** Claims a host for links, until its DNS proves that it is the workspace's. */
      claimDomain: (input: Parameters<typeof claimDomain>[2], options?: WriteIn) =>
        on(options, (scope, workspace) => claimDomain(scope, workspace, input, options)),
      /** Looks for the claim's token in the DNS; hosts of the options need none. */
      verifyDomain: (input: Parameters<typeof verifyDomain>[2], options?: WriteIn) =>
        on(options, (scope, workspace) => verifyDomain(scope, workspace, input, options)),
      /** By name. */
      listDomains: (input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listDomains(scope, workspace, input)),
      /** Whether keys on a host differ by case; for the links that are there too. */
      updateDomain: (input: UpdateDomainInput, options?: WriteIn) =>
        on(options, (scope, workspace) => updateDomain(scope, workspace, input, options)),
      /** Gives a claim up, proven or not. Links on the host stay, and are served again when it is proven again. */
      removeDomain: (input: Parameters<typeof removeDomain>[2], options?: WriteIn) =>
        on(options, (scope, workspace) => removeDomain(scope, workspace, input, options)),
    },
    /** Who may use the API, and for what. */
    apiKeys: {
      /** The key's text is on this answer only. */
      create: (input: CreateApiKeyInput, options?: WriteIn) =>
        on(options, (scope, workspace) => createApiKey(scope, workspace, input, options)),
      /** Newest first, revoked and expired ones too, without their texts. */
      list: (input: PageInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listApiKeys(scope, workspace, input)),
      /** Changes what is given; its text and its kind stay. */
      update: (input: UpdateApiKeyInput, options?: WriteIn) =>
        on(options, (scope, workspace) => updateApiKey(scope, workspace, input, options)),
      /** Replaces a key by a new one with the same rights and the same span of life. Its text is on this answer only. */
      rotate: (input: RotateApiKeyInput, options?: WriteIn) =>
        on(options, (scope, workspace) => rotateApiKey(scope, workspace, input, options)),
      /** Ends a key at once and for good. Revoking again changes nothing. */
      revoke: (input: { readonly id: string }, options?: WriteIn) =>
        on(options, (scope, workspace) => revokeApiKey(scope, workspace, input, options)),
    },
  };
}

function isRefused(read: unknown): boolean {
  return typeof read === 'object' && read !== null && 'ok' in read && read.ok === false;
}
