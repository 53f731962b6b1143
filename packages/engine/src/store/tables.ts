import type { ColumnType, Generated } from 'kysely';

/** jsonb: read as a value, written as JSON text or a value that node-postgres serialises. */
type Json<T = unknown> = ColumnType<T, string | T, string | T>;
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
type At = ColumnType<Date, Date, Date>;

/** The columns of every table, as SQL names them; `migrations/` holds what each is for. */
export interface Tables {
  migration: { id: number; name: string; applied_at: At };
  workspace: {
    id: string;
    slug: string;
    name: string;
    currency: string;
    timezone: string;
    data_key: Bytes;
    settings: Json<Record<string, unknown>>;
    created_at: At;
    updated_at: At;
  };
  domain: {
    host: string;
    workspace_id: string;
    verification_token: string;
    verified_at: At | null;
    created_at: At;
    case_sensitive: Generated<boolean>;
  };
  api_key: {
    id: string;
    workspace_id: string;
    kind: 'secret' | 'publishable';
    name: string;
    key_hash: Bytes;
    display_prefix: string;
    scopes: string[];
    allowed_hosts: string[];
    created_at: At;
    expires_at: At | null;
    revoked_at: At | null;
    last_used_at: At | null;
    replaces_id: string | null;
  };
  link: {
    workspace_id: string;
    id: string;
    domain: string;
    key: string;
    url: string;
    link_type: 'short' | 'referral' | 'campaign';
    partner_id: string | null;
    utm_source: string | null;
    utm_medium: string | null;
    utm_campaign: string | null;
    utm_content: string | null;
    utm_term: string | null;
    ios_url: string | null;
    android_url: string | null;
    geo_targeting: Json<Record<string, string>>;
    og_title: string | null;
    og_description: string | null;
    og_image: string | null;
    tags: string[];
    external_id: string | null;
    metadata: Json<Record<string, unknown>>;
    expires_at: At | null;
    archived_at: At | null;
    created_at: At;
    updated_at: At;
    case_sensitive: Generated<boolean>;
  };
  link_counter: {
    workspace_id: string;
    link_id: string;
    clicks: bigint;
    unique_clicks: bigint;
    machine_clicks: bigint;
    leads: bigint;
    sales: bigint;
  };
  link_revenue: { workspace_id: string; link_id: string; currency: string; amount_minor: bigint };
  link_visitor: { workspace_id: string; link_id: string; visitor_id: string };
  event_key: {
    workspace_id: string;
    key: string;
    event_id: string;
    occurred_at: At;
    digest: bigint;
  };
  event: {
    occurred_at: At;
    recorded_at: At;
    workspace_id: string;
    id: string;
    visitor_id: string | null;
    session_id: string | null;
    link_id: string | null;
    touch_id: string | null;
    amount_minor: bigint | null;
    type: string;
    name: string | null;
    currency: string | null;
    url: string | null;
    referrer: string | null;
    origin: string;
    machine: string | null;
    properties: Json<Record<string, unknown>> | null;
  };
  visitor: {
    workspace_id: string;
    id: string;
    root_id: string;
    version: number;
    current_visitor_id: string | null;
    first_seen_at: At;
    last_seen_at: At;
    session_id: string | null;
    session_started_at: At | null;
    session_last_at: At | null;
    session_touch_id: string | null;
    revision: bigint;
    session_source: string | null;
    session_events: number;
    session_pageviews: number;
    session_exit_url: string | null;
    status: string;
    identified_at: At | null;
    converted_at: At | null;
    last_conversion_at: At | null;
    events: number;
    pageviews: number;
    sessions: number;
    profile: Bytes | null;
    erased_at: At | null;
    erasure_id: string | null;
  };
  erasure: {
    workspace_id: string;
    id: string;
    erased_at: At;
    rows: Json<Record<string, number>>;
    actor: string | null;
  };
  visitor_revenue: {
    workspace_id: string;
    visitor_id: string;
    currency: string;
    amount_minor: bigint;
  };
  identity: {
    workspace_id: string;
    kind: string;
    value_hash: Bytes;
    visitor_id: string;
    value: Bytes | null;
    event_id: string;
    first_seen_at: At;
  };
  identity_evidence: {
    workspace_id: string;
    event_id: string;
    occurred_at: At;
    recorded_at: At;
    visitor_ids: string[];
    reason: string;
  };
  merge: {
    workspace_id: string;
    id: string;
    winner_id: string;
    loser_id: string;
    event_id: string;
    reason: string;
    actor: string | null;
    occurred_at: At;
    recorded_at: At;
    undone_at: At | null;
    undone_by: string | null;
  };
  merge_member: { workspace_id: string; merge_id: string; visitor_id: string };
  merge_refusal: {
    workspace_id: string;
    id: string;
    event_id: string;
    reason: string;
    visitor_id: string;
    other_visitor_id: string;
    occurred_at: At;
    recorded_at: At;
  };
  kept_apart: {
    workspace_id: string;
    visitor_id: string;
    other_visitor_id: string;
    merge_id: string;
    created_at: At;
  };
  session: {
    workspace_id: string;
    id: string;
    visitor_id: string;
    started_at: At;
    last_event_at: At;
    touch_id: string | null;
    events: number;
    pageviews: number;
    entry_url: string | null;
    exit_url: string | null;
    user_agent: string | null;
    ip_prefix: string | null;
  };
  touch: {
    workspace_id: string;
    id: string;
    visitor_id: string;
    session_id: string | null;
    event_id: string;
    kind: string;
    occurred_at: At;
    recorded_at: At;
    link_id: string | null;
    partner_id: string | null;
    source: string | null;
    medium: string | null;
    campaign: string | null;
    content: string | null;
    term: string | null;
    click_id_type: string | null;
    platform: string | null;
    confidence: string | null;
    rule: string | null;
    referrer_host: string | null;
    url: string | null;
    referrer: string | null;
    signals: Json<Record<string, string>> | null;
    consent: Json<Record<string, unknown>> | null;
    landed_at: At | null;
  };
  conversion: {
    workspace_id: string;
    id: string;
    visitor_id: string;
    type: string;
    occurred_at: At;
    recorded_at: At;
    amount_minor: bigint | null;
    currency: string | null;
    touch_id: string | null;
    link_touch_id: string | null;
    link_id: string | null;
  };
  pending_click: { workspace_id: string; id: string; payload: Json; created_at: At };
  inbox: {
    workspace_id: string;
    id: string;
    payload: Json;
    created_at: At;
    due_at: At;
    attempts: number;
    refused_code: string | null;
  };
  idempotent_request: {
    workspace_id: string;
    key_hash: Bytes;
    digest: Bytes;
    status: number;
    body: Json | null;
    created_at: At;
  };
  change: {
    workspace_id: string;
    id: string;
    transaction_id: Generated<string>;
    topic: string;
    subject: Json<Record<string, unknown>>;
    created_at: At;
  };
}
