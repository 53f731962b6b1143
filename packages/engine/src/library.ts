import type { Context } from './context.ts';
import { trackEvent, trackEvents } from './ingest/track-event.ts';
import type { TrackEventInput, TrackEventOptions } from './ingest/track-event.ts';
import { ConfigurationError } from './kernel/errors.ts';
import { archiveLink } from './links/archive-link.ts';
import { createLink } from './links/create-link.ts';
import type { LinkInput } from './links/create-link.ts';
import { getLink, getLinkByExternalId, getLinkByKey } from './links/get-link.ts';
import { linkClicks } from './links/link-clicks.ts';
import type { LinkClicksInput } from './links/link-clicks.ts';
import { linkStats } from './links/link-stats.ts';
import { listLinks } from './links/list-links.ts';
import type { ListLinksInput } from './links/list-links.ts';
import type { LinkChanges } from './links/link.ts';
import { updateLink } from './links/update-link.ts';
import type { WriteOptions } from './store/database.ts';
import { findVisitorByExternalId, getVisitor } from './visitors/get-visitor.ts';
import { identifyVisitor } from './visitors/identify-visitor.ts';
import type { IdentifyVisitorInput } from './visitors/identify-visitor.ts';
import { listVisitors } from './visitors/list-visitors.ts';
import type { ListVisitorsInput } from './visitors/list-visitors.ts';
import { mergeVisitors } from './visitors/merge-visitors.ts';
import type { MergeVisitorsInput } from './visitors/merge-visitors.ts';
import { rebuildIdentities } from './visitors/rebuild-identities.ts';
import { resolveVisitor } from './visitors/resolve-visitor.ts';
import type { ResolveVisitorInput } from './visitors/resolve-visitor.ts';
import { undoMerge } from './visitors/undo-merge.ts';
import { visitorAttribution } from './visitors/visitor-attribution.ts';
import { visitorEvidence } from './visitors/visitor-evidence.ts';
import { visitorTimeline } from './visitors/visitor-timeline.ts';
import type { TimelineInput } from './visitors/visitor-timeline.ts';
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
import { updateWorkspace } from './workspaces/update-workspace.ts';
import type { UpdateWorkspaceInput } from './workspaces/update-workspace.ts';
import type { Workspace } from './workspaces/workspace.ts';

/** Which workspace a call means. */
export interface InWorkspace {
  /** @default the first workspace */
  readonly workspaceId?: string;
}

export type WriteIn = InWorkspace & WriteOptions;
export type TrackIn = InWorkspace & TrackEventOptions;

/** The parts of an engine as the host application calls them. */
export type Library = ReturnType<typeof createLibrary>;

export function createLibrary(context: Context) {
  async function workspaceOf(options: InWorkspace | undefined): Promise<Workspace> {
    if (options?.workspaceId === undefined) return context.workspaces.first();
    const workspace = await context.workspaces.get(options.workspaceId);
    if (workspace === undefined) throw new ConfigurationError(`There is no workspace ${options.workspaceId}.`);
    return workspace;
  }
  return {
    links: {
      /** Creates a short link; the key is generated where none is given. */
      create: async (input: LinkInput, options?: WriteIn) => createLink(context, await workspaceOf(options), input, options),
      get: async (id: string, options?: InWorkspace) => getLink(context, await workspaceOf(options), id),
      getByKey: async (domain: string, key: string, options?: InWorkspace) =>
        getLinkByKey(context, await workspaceOf(options), domain, key),
      getByExternalId: async (externalId: string, options?: InWorkspace) =>
        getLinkByExternalId(context, await workspaceOf(options), externalId),
      /** Newest first, without the archived ones. */
      list: async (input: ListLinksInput = {}, options?: InWorkspace) => listLinks(context, await workspaceOf(options), input),
      /** Changes what is given; `null` clears a field. Domain and key stay. */
      update: async (id: string, changes: LinkChanges, options?: WriteIn) =>
        updateLink(context, await workspaceOf(options), id, changes, options),
      /** Ends a link and frees its domain and key. */
      archive: async (id: string, options?: WriteIn) => archiveLink(context, await workspaceOf(options), id, options),
      stats: async (id: string, options?: InWorkspace) => linkStats(context, await workspaceOf(options), id),
      /** The newest clicks. */
      clicks: async (id: string, input: LinkClicksInput = {}, options?: InWorkspace) =>
        linkClicks(context, await workspaceOf(options), id, input),
    },
    visitors: {
      /** The visitor behind some signals; a new one where nobody is known by them. */
      resolve: async (input: ResolveVisitorInput, options?: WriteIn) =>
        resolveVisitor(context, await workspaceOf(options), input, options),
      /** Says who a visitor is. */
      identify: async (input: IdentifyVisitorInput, options?: WriteIn) =>
        identifyVisitor(context, await workspaceOf(options), input, options),
      get: async (id: string, options?: InWorkspace) => getVisitor(context, await workspaceOf(options), id),
      getByExternalId: async (externalId: string, options?: InWorkspace) =>
        findVisitorByExternalId(context, await workspaceOf(options), externalId),
      /** People, newest first. */
      list: async (input: ListVisitorsInput = {}, options?: InWorkspace) =>
        listVisitors(context, await workspaceOf(options), input),
      /** What a person did, newest first. */
      timeline: async (id: string, input: TimelineInput = {}, options?: InWorkspace) =>
        visitorTimeline(context, await workspaceOf(options), id, input),
      /** The touches by which a person came, oldest first. */
      attribution: async (id: string, options?: InWorkspace) => visitorAttribution(context, await workspaceOf(options), id),
      /** Why these identifiers are one person. */
      evidence: async (id: string, options?: InWorkspace) => visitorEvidence(context, await workspaceOf(options), id),
      merge: async (input: MergeVisitorsInput, options?: InWorkspace) =>
        mergeVisitors(context, await workspaceOf(options), input),
      undoMerge: async (mergeId: string, options: InWorkspace & { readonly actor?: string } = {}) =>
        undoMerge(context, await workspaceOf(options), mergeId, options),
      /** Replays the evidence in the order of (time, id): the canonical people. */
      rebuild: async (options?: InWorkspace) => rebuildIdentities(context, await workspaceOf(options)),
    },
    events: {
      /** Records one event of a visitor that is known. */
      track: async (input: TrackEventInput, options?: TrackIn) => trackEvent(context, await workspaceOf(options), input, options),
      trackBatch: async (inputs: readonly TrackEventInput[], options?: TrackIn) =>
        trackEvents(context, await workspaceOf(options), inputs, options),
      lead: async (input: Omit<TrackEventInput, 'type'>, options?: TrackIn) =>
        trackEvent(context, await workspaceOf(options), { ...input, type: 'lead' }, options),
      sale: async (input: Omit<TrackEventInput, 'type'>, options?: TrackIn) =>
        trackEvent(context, await workspaceOf(options), { ...input, type: 'sale' }, options),
      /** Waits until everything given so far is committed. */
      flush: () => context.ingest.flush(),
    },
    workspaces: {
      /** The oldest workspace: what every call means that names none. */
      first: () => context.workspaces.first(),
      get: (id: string) => context.workspaces.get(id),
      list: (input: Parameters<typeof listWorkspaces>[1] = {}) => listWorkspaces(context, input),
      create: (input: CreateWorkspaceInput, options?: WriteOptions) => createWorkspace(context, input, options),
      update: async (input: UpdateWorkspaceInput, options?: WriteIn) =>
        updateWorkspace(context, await workspaceOf(options), input, options),
      claimDomain: async (input: Parameters<typeof claimDomain>[2], options?: WriteIn) =>
        claimDomain(context, await workspaceOf(options), input, options),
      listDomains: async (options?: InWorkspace) => listDomains(context, await workspaceOf(options)),
      removeDomain: async (input: Parameters<typeof removeDomain>[2], options?: WriteIn) =>
        removeDomain(context, await workspaceOf(options), input, options),
    },
    apiKeys: {
      /** The key's text is on this answer only. */
      create: async (input: CreateApiKeyInput, options?: WriteIn) =>
        createApiKey(context, await workspaceOf(options), input, options),
      list: async (input: Parameters<typeof listApiKeys>[2] = {}, options?: InWorkspace) =>
        listApiKeys(context, await workspaceOf(options), input),
      rotate: async (input: RotateApiKeyInput, options?: WriteIn) =>
        rotateApiKey(context, await workspaceOf(options), input, options),
      revoke: async (input: { readonly id: string }, options?: WriteIn) =>
        revokeApiKey(context, await workspaceOf(options), input, options),
    },
  };
}
