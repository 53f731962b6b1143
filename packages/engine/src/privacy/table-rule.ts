import type { Tables } from '../store/tables.ts';

/** What a table has to do with people. */
export type TableRule =
  | {
      readonly holds: 'people';
      /** For the statement of what is stored. */
      readonly says: string;
      /** `erased`: no row of theirs is left. `blanked`: a row stays, without anything of theirs in it. */
      readonly whenForgotten: 'erased' | 'blanked';
      /** Which rows are a person's: SQL, `$2` being what {@link TableRule.by} names. */
      readonly where: string;
      /** @default 'visitors' */
      readonly by?:
        | 'keys'
        | 'inbox'
        | 'pendingClicks'
        | 'answers'
        | 'entities'
        | 'emails'
        | 'contacts';
      /** Long ones are read page by page in the order of this column and their id. */
      readonly time?: string;
      /** Columns that would say nothing to the person: hashes, and what keeps the rows in step. */
      readonly without?: readonly string[];
    }
  | {
      /** `totals` count people and name nobody. */
      readonly holds: 'totals' | 'nothing';
      readonly says: string;
    };

export type PersonTable = {
  [Name in keyof Tables]: (typeof tableRules)[Name] extends { readonly holds: 'people' }
    ? Name
    : never;
}[keyof Tables];

const ofVisitor = 'visitor_id = any($2::uuid[])';
const ofEitherSide = '(visitor_id = any($2::uuid[]) or other_visitor_id = any($2::uuid[]))';

/**
 * Every table. A new one does not compile until it says here what it holds of people, and a test forgets a person and
 * looks into each of them.
 */
export const tableRules = {
  visitor: {
    holds: 'people',
    says: 'One node for each identifier: when it was seen, its visit that goes on, its name and metadata (encrypted)',
    whenForgotten: 'blanked',
    where: 'id = any($2::uuid[])',
    without: ['revision', 'version', 'erasure_id', 'erased_at'],
  },
  identity: {
    holds: 'people',
    says: 'What a visitor is recognised by, as a keyed hash; external ids, emails and phones also encrypted',
    whenForgotten: 'blanked',
    where: ofVisitor,
    without: ['value_hash'],
  },
  event: {
    holds: 'people',
    says: 'What happened: type, time, address of the page, referrer, amount, properties',
    whenForgotten: 'erased',
    where: ofVisitor,
    time: 'occurred_at',
  },
  event_key: {
    holds: 'people',
    says: 'The key of each event, so that a repeat counts once',
    whenForgotten: 'blanked',
    where: 'key = any($2::uuid[])',
    by: 'keys',
    without: ['digest'],
  },
  session: {
    holds: 'people',
    says: 'Visits: begin, end, first and last page, user agent, kind of device, language, network of the address (/24, /48), place as far as a city',
    whenForgotten: 'erased',
    where: ofVisitor,
    time: 'started_at',
  },
  touch: {
    holds: 'people',
    says: 'Arrivals: source, channel, campaign, link, ids of advertising clicks, consent',
    whenForgotten: 'erased',
    where: ofVisitor,
    time: 'occurred_at',
  },
  conversion: {
    holds: 'people',
    says: 'Leads, sales, registrations and refunds with the arrival that is credited',
    whenForgotten: 'erased',
    where: ofVisitor,
    time: 'occurred_at',
  },
  dispatch: {
    holds: 'people',
    says: 'Conversions on their way to ad platforms: click ids, cookies and consent that came with them, and what became of them',
    whenForgotten: 'erased',
    where: ofVisitor,
    without: ['claim'],
  },
  visitor_revenue: {
    holds: 'people',
    says: 'What a visitor has paid, for each currency',
    whenForgotten: 'erased',
    where: ofVisitor,
  },
  link_visitor: {
    holds: 'people',
    says: 'Which links a visitor has followed, so that unique clicks count once',
    whenForgotten: 'erased',
    where: ofVisitor,
  },
  identity_evidence: {
    holds: 'people',
    says: 'Which visitors one event named together',
    whenForgotten: 'erased',
    where: 'visitor_ids && $2::uuid[]',
  },
  merge: {
    holds: 'people',
    says: 'Which visitors were joined to one person, when and why',
    whenForgotten: 'erased',
    where: '(winner_id = any($2::uuid[]) or loser_id = any($2::uuid[]))',
  },
  merge_member: {
    holds: 'people',
    says: 'Which visitors a merge moved',
    whenForgotten: 'erased',
    where: ofVisitor,
  },
  merge_refusal: {
    holds: 'people',
    says: 'Which visitors were named together and not joined',
    whenForgotten: 'erased',
    where: ofEitherSide,
  },
  kept_apart: {
    holds: 'people',
    says: 'Which visitors an undo keeps apart',
    whenForgotten: 'erased',
    where: ofEitherSide,
  },
  inbox: {
    holds: 'people',
    says: 'Events of host transactions on their way',
    whenForgotten: 'erased',
    where: 'id = any($2::uuid[])',
    by: 'inbox',
  },
  pending_click: {
    holds: 'people',
    says: 'Clicks whose page was only fetched ahead, for a day',
    whenForgotten: 'erased',
    where: 'id = any($2::uuid[])',
    by: 'pendingClicks',
  },
  idempotent_request: {
    holds: 'people',
    says: 'Answers of the API under an idempotency key, for 30 days',
    whenForgotten: 'erased',
    where: 'key_hash = any($2::bytea[])',
    by: 'answers',
    without: ['key_hash', 'digest'],
  },
  invitation: {
    holds: 'people',
    says: 'Invitations: who invites, by external id; the rest as the workspace made it',
    whenForgotten: 'blanked',
    where: 'owner_key = any($2::bytea[])',
    by: 'entities',
    without: ['owner_key', 'token_hash', 'signing_key'],
  },
  invitation_email: {
    holds: 'people',
    says: 'Addresses that an invitation is for, encrypted, and as keyed hashes',
    whenForgotten: 'blanked',
    where: 'value_hash = any($2::bytea[])',
    by: 'emails',
    without: ['value_hash'],
  },
  invitation_usage: {
    holds: 'people',
    says: 'Who visited, registered and activated by an invitation, by external id, with metadata',
    whenForgotten: 'blanked',
    where: 'entity_key = any($2::bytea[])',
    by: 'entities',
    without: ['entity_key'],
  },
  redemption: {
    holds: 'people',
    says: 'Who redeemed an invitation or a referral code, by external id, with metadata',
    whenForgotten: 'blanked',
    where: 'entity_key = any($2::bytea[])',
    by: 'entities',
    without: ['entity_key', 'attempt_key'],
  },
  referral: {
    holds: 'people',
    says: 'Who referred whom, by external id',
    whenForgotten: 'blanked',
    where: '(referrer_key = any($2::bytea[]) or referee_key = any($2::bytea[]))',
    by: 'entities',
    without: ['referrer_key', 'referee_key', 'transaction_id'],
  },
  referral_code: {
    holds: 'people',
    says: 'Referral codes: who made them and who benefits, by external id',
    whenForgotten: 'blanked',
    where: '(creator_key = any($2::bytea[]) or beneficiary_key = any($2::bytea[]))',
    by: 'entities',
    without: ['creator_key', 'beneficiary_key'],
  },
  ledger_entry: {
    holds: 'people',
    says: 'What an account has earned, lost and been paid: users by external id; amounts stay',
    whenForgotten: 'blanked',
    where: 'account_key = any($2::bytea[])',
    by: 'entities',
    without: ['account_key', 'key_hash'],
  },
  reward: {
    holds: 'people',
    says: 'Rewards of referrals: who has earned them, by external id',
    whenForgotten: 'blanked',
    where: 'account_key = any($2::bytea[])',
    by: 'entities',
    without: ['account_key'],
  },
  partner: {
    holds: 'people',
    says: 'Partners: key, name, external id, metadata; the address encrypted and as a keyed hash',
    whenForgotten: 'blanked',
    where: '(person_key = any($2::bytea[]) or email_hash = any($2::bytea[]))',
    by: 'contacts',
    without: ['person_key', 'email_hash', 'token_version'],
  },
  commission: {
    holds: 'people',
    says: 'What partners earn by a person: which arrival, which conversion, how much; amounts stay',
    whenForgotten: 'blanked',
    where: 'customer_id = any($2::uuid[])',
  },
  admission: {
    holds: 'people',
    says: 'Who was let in where that takes an invitation or a code, by external id, and by what',
    whenForgotten: 'erased',
    where: 'entity_key = any($2::bytea[])',
    by: 'entities',
    without: ['entity_key'],
  },
  waitlist_entry: {
    holds: 'people',
    says: 'Who waits to be invited: address (encrypted, and as a keyed hash), name, metadata, place',
    whenForgotten: 'blanked',
    where: 'email_hash = any($2::bytea[])',
    by: 'emails',
    without: ['email_hash', 'ordinal', 'rank'],
  },
  tracked_event: {
    holds: 'people',
    says: 'What was tracked for projects: type, time, and a keyed hash of the user, so that it can be taken back',
    whenForgotten: 'erased',
    where: ofVisitor,
    without: ['scope'],
  },
  project_counter: { holds: 'totals', says: 'How many users each project counts, by type' },
  webhook_delivery: {
    holds: 'people',
    says: 'Which event went to which webhook, by id, and how the receiver answered, for 30 days',
    whenForgotten: 'erased',
    where: ofVisitor,
    time: 'created_at',
    without: ['claim', 'claimed_until'],
  },
  payment_message: {
    holds: 'people',
    says: 'Messages of payment providers: type, id and what became of them; what they say is encrypted, until it is applied',
    whenForgotten: 'erased',
    where: ofVisitor,
    without: ['facts'],
  },
  payment_reference: {
    holds: 'people',
    says: "The provider's names of a payment: ids of sessions, invoices, payments, charges",
    whenForgotten: 'erased',
    where: ofVisitor,
  },
  link_counter: { holds: 'totals', says: 'Clicks, leads and sales of each link' },
  link_revenue: { holds: 'totals', says: 'What each link has brought, for each currency' },
  activity_hour: {
    holds: 'totals',
    says: 'Copies of events and visits by the hour, for reports; the hours of a person are emptied when they are forgotten',
  },
  erasure: { holds: 'totals', says: 'Receipts of erasures: how many rows, and nothing of whom' },
  rate_count: {
    holds: 'totals',
    says: 'Requests of each network (/24, /48) and key, until their window ends',
  },
  daily_salt: { holds: 'nothing', says: 'The random salt of each day, deleted two days later' },
  link_seat: {
    holds: 'totals',
    says: 'How many clicks and people a limit of a link has let through',
  },
  link_domain: {
    holds: 'nothing',
    says: 'Pages and app files of link domains, as the workspace made them',
  },
  link: { holds: 'nothing', says: 'Links as the workspace made them' },
  link_folder: { holds: 'nothing', says: 'Folders of links' },
  utm_template: { holds: 'nothing', says: 'Templates of campaign parameters' },
  link_version: {
    holds: 'nothing',
    says: 'Links as they were, and which key or member changed them',
  },
  link_health: { holds: 'nothing', says: 'Whether the destinations of links answer' },
  audit_entry: {
    holds: 'nothing',
    says: 'What keys and members of the team changed, for 400 days; nothing of visitors',
  },
  imported_row: {
    holds: 'nothing',
    says: 'Which invitation or code is which one of another system',
  },
  project: { holds: 'nothing', says: 'Projects as the workspace named them' },
  funnel: { holds: 'nothing', says: 'Funnels as the workspace defined them' },
  reward_rule: { holds: 'nothing', says: 'Rules of rewards as the workspace made them' },
  partner_coupon: { holds: 'nothing', says: 'Codes of partners as the workspace made them' },
  partner_program: { holds: 'nothing', says: 'Rules of commissions as the workspace made them' },
  partner_progress: { holds: 'nothing', says: 'How far commissions have come' },
  payout_batch: { holds: 'nothing', says: 'Payouts that were made together' },
  payout: { holds: 'nothing', says: 'What partners were paid, by their ids' },
  reward_progress: { holds: 'nothing', says: 'How far rewards have come' },
  activity_progress: { holds: 'nothing', says: 'How far the copies for reports have come' },
  change: {
    holds: 'nothing',
    says: 'Which settings and links changed, and ids of blank visitors, for an hour',
  },
  workspace: { holds: 'nothing', says: 'The workspace and its settings' },
  connector: {
    holds: 'nothing',
    says: 'Connectors of the workspace; their credentials encrypted',
  },
  domain: { holds: 'nothing', says: 'Hosts of the workspace' },
  api_key: { holds: 'nothing', says: 'API keys, as keyed hashes' },
  webhook_endpoint: {
    holds: 'nothing',
    says: 'Webhooks as the workspace made them, their secrets encrypted',
  },
  payment_source: {
    holds: 'nothing',
    says: 'Where messages of payment providers arrive, their secrets encrypted',
  },
  webhook_progress: { holds: 'nothing', says: 'How far webhooks have been told of the events' },
  migration: { holds: 'nothing', says: 'Versions of the schema' },
} as const satisfies Record<keyof Tables, TableRule>;

function isPersonTable(table: string): table is PersonTable {
  return Object.hasOwn(tableRules, table) && tableRules[table as keyof Tables].holds === 'people';
}

/** In the order of the list. */
export const personTables: readonly PersonTable[] = Object.keys(tableRules).filter(isPersonTable);

export function ruleOf(table: PersonTable): TableRule & { readonly holds: 'people' } {
  return tableRules[table];
}
