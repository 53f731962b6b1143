import { batchInsert, timestamp } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { Source } from '../sources/source.ts';
import type { TouchKind } from './models/path.ts';

/** An arrival that may earn credit. */
export interface TouchRow {
  readonly id: string;
  readonly visitorId: string;
  readonly sessionId: string | null;
  readonly eventId: string;
  readonly kind: TouchKind;
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly linkId: string | null;
  /** Who earns by it. @default nobody */
  readonly partnerId?: string | undefined;
  /** Whom to ask: the partner of its link, or somebody who was named. */
  readonly partner?: { readonly ofLink?: true; readonly id?: string } | undefined;
  readonly source: Source;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly signals: Readonly<Record<string, string>> | null;
  readonly consent: Readonly<Record<string, unknown>> | null;
}

type Signals = Readonly<Record<string, string>>;

/** A click of ours as its landing finds it. */
export interface ClickTouch {
  readonly id: string;
  readonly visitor_id: string;
  readonly session_id: string | null;
  readonly occurred_at: Date;
  readonly landed_at: Date | null;
  readonly link_id: string | null;
  readonly partner_id: string | null;
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly content: string | null;
  readonly term: string | null;
  readonly click_id_type: string | null;
  readonly platform: string | null;
  readonly channel: string | null;
  readonly rules_version: string | null;
}

export type TouchStore = ReturnType<typeof createTouchStore>;

export function createTouchStore(schemaName: string) {
  const schema = quote(schemaName);
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  const insert = batchInsert<TouchRow>(schemaName, 'touch', {
    id: ['uuid', (row) => row.id],
    visitor_id: ['uuid', (row) => row.visitorId],
    session_id: ['uuid', (row) => row.sessionId],
    event_id: ['uuid', (row) => row.eventId],
    kind: ['text', (row) => row.kind],
    occurred_at: ['timestamptz', (row) => row.occurredAt],
    recorded_at: ['timestamptz', (row) => timestamp(row.recordedAt), 'shared'],
    link_id: ['uuid', (row) => row.linkId],
    partner_id: ['uuid', (row) => row.partnerId ?? null],
    source: ['text', (row) => row.source.source ?? null],
    medium: ['text', (row) => row.source.medium ?? null],
    campaign: ['text', (row) => row.source.campaign ?? null],
    content: ['text', (row) => row.source.content ?? null],
    term: ['text', (row) => row.source.term ?? null],
    click_id_type: ['text', (row) => row.source.clickIdType ?? null],
    platform: ['text', (row) => row.source.platform ?? null],
    confidence: ['text', (row) => row.source.confidence],
    rule: ['text', (row) => row.source.rule],
    channel: ['text', (row) => row.source.channel ?? null],
    rules_version: ['text', (row) => row.source.rulesVersion ?? null],
    referrer_host: ['text', (row) => row.source.referrerHost ?? null],
    url: ['text', (row) => row.url],
    referrer: ['text', (row) => row.referrer],
    signals: ['jsonb', (row) => json(row.signals)],
    consent: ['jsonb', (row) => json(row.consent)],
  });
  const findClicks: Statement = {
    name: `${schemaName}.find_clicks`,
    text: `
select id, visitor_id, session_id, occurred_at, landed_at, link_id, partner_id, source, medium, campaign, content, term, click_id_type, platform, channel, rules_version
from ${schema}.touch where workspace_id = $1 and id = any($2::uuid[]) and kind = 'click'`,
  };
  // Only rows that lack something are locked: most pages of a visit bring nothing new.
  const addSignals: Statement = {
    name: `${schemaName}.add_signals`,
    text: `
with told as (select * from unnest($2::uuid[], $3::jsonb[]) as t(id, signals)),
lacking as materialized (
  select c.id, t.signals from ${schema}.touch c join told t on t.id = c.id
  where c.workspace_id = $1 and c.id = any($2::uuid[])
    and exists (select 1 from jsonb_object_keys(t.signals) as k(name) where not coalesce(c.signals, '{}'::jsonb) ? k.name)
  order by c.id for no key update of c
)
update ${schema}.touch c set signals = l.signals || coalesce(c.signals, '{}'::jsonb)
from lacking l where c.workspace_id = $1 and c.id = l.id`,
  };
  const land: Statement = {
    name: `${schemaName}.land_clicks`,
    text: `
with ordered as materialized (
  select id from ${schema}.touch where workspace_id = $1 and id = any($2::uuid[]) order by id for no key update
)
update ${schema}.touch c set landed_at = t.at,
  signals = nullif(coalesce(t.signals, '{}'::jsonb) || coalesce(c.signals, '{}'::jsonb), '{}'::jsonb),
  consent = nullif(coalesce(c.consent, '{}'::jsonb) || coalesce(t.consent, '{}'::jsonb), '{}'::jsonb)
from unnest($2::uuid[], $3::timestamptz[], $4::jsonb[], $5::jsonb[]) as t(id, at, signals, consent) join ordered on ordered.id = t.id
where c.workspace_id = $1 and c.id = t.id and c.landed_at is null
returning c.id`,
  };

  return {
    insertTouches(tx: Transaction, workspaceId: string, rows: readonly TouchRow[]): void {
      tx.write(insert.statement, insert.values(workspaceId, rows));
    },
    /** Adds what a later page of the visit has shown; what the touch knows already stays. One row for each touch. */
    addSignals(tx: Transaction, workspaceId: string, rows: ReadonlyMap<string, Signals>): void {
      tx.write(addSignals, [
        workspaceId,
        [...rows.keys()],
        [...rows.values()].map((signals) => JSON.stringify(signals)),
      ]);
    },
    findClicks,
    /**
     * Uses up the single use of each click; returns the ids that were still unused. Nobody was asked for consent at the
     * redirect: what the page where it led was told holds for the click.
     */
    async landClicks(
      tx: Transaction,
      workspaceId: string,
      landings: ReadonlyArray<{
        id: string;
        at: number;
        signals: Readonly<Record<string, string>> | undefined;
        consent: Readonly<Record<string, unknown>> | undefined;
      }>,
    ): Promise<Set<string>> {
      const rows = await tx.run<{ id: string }>(land, [
        workspaceId,
        landings.map((row) => row.id),
        landings.map((row) => timestamp(row.at)),
        landings.map((row) => (row.signals === undefined ? null : JSON.stringify(row.signals))),
        landings.map((row) => (row.consent === undefined ? null : JSON.stringify(row.consent))),
      ]);
      return new Set(rows.map((row) => row.id));
    },
  };
}
