import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import { recordWithRows } from '../ingest/record-with-rows.ts';
import { toIncomingEvent } from '../ingest/track-event.ts';
import { plainJson } from '../invitations/create-invitation.ts';
import { hashEmail } from '../invitations/hash-entity.ts';
import { attributesProblem } from '../invitations/invitation.ts';
import { refuseForgottenEmail } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import { signalsOf } from '../invitations/track-usage.ts';
import type { UsageSignals } from '../invitations/track-usage.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { generateCode, normaliseCode } from '../referrals/referral-code.ts';
import { seal } from '../security/keyring.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { placeOf, presentEntry } from './present-entry.ts';
import { checkName, placesPerReferral } from './waitlist-entry.ts';
import type { WaitlistEntry, WaitlistPlace } from './waitlist-entry.ts';
import {
  countReferral,
  findEntry,
  insertEntry,
  lockEntry,
  lockNextOrdinal,
  ranked,
  updateEntry,
} from './waitlist-store.ts';
import type { WaitlistRow } from './waitlist-store.ts';

export interface JoinWaitlistInput extends UsageSignals {
  /** Where the invitation will be sent; each address waits once. */
  readonly email: string;
  readonly name?: string | null | undefined;
  /** JSON of the host's, up to 16 KiB. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The code of who sent them; what is none of this list is left aside. */
  readonly referredBy?: string | null | undefined;
  /** The address of who joins, to count by its network. */
  readonly address?: string | undefined;
}

export interface JoinedWaitlist extends WaitlistPlace {
  readonly entry: WaitlistEntry;
  /** The address was on the list before: nothing has changed. */
  readonly repeated: boolean;
}

export type JoinWaitlistRefusal =
  | ValidationRefusal
  | RateLimitedRefusal
  | EventRefusal
  | PersonRefusal;

/**
 * Puts an address on the waitlist. Once: the same again answers the entry that is there, and counts for nobody. Who has
 * left may come back, to the end of the list. Tell the public nothing that a stranger could not know: the answer says
 * whether an address was there.
 */
export async function joinWaitlist(
  context: Context,
  workspace: Workspace,
  input: JoinWaitlistInput,
  options?: WriteOptions,
): Promise<Result<JoinedWaitlist, JoinWaitlistRefusal>> {
  const read = readInput(context, workspace, input);
  if (!read.ok) return read;
  const { address } = input;
  const counted = await countGuess(context.limiter, workspace.id, { address }, options, {
    network: 'waitlist',
  });
  if (!counted.ok) return counted;
  const joined = await recordWithRows(
    context,
    workspace,
    options,
    async (tx, record): Promise<Result<Joined, PersonRefusal>> => {
      const forgotten = await refuseForgottenEmail(tx, workspace, read.value.emailHash);
      if (forgotten !== undefined) return forgotten;
      const each = await join(context, tx, workspace, read.value, input.referredBy);
      if (!each.repeated) {
        await record(eventOf(context, workspace, each.row, input));
        const what = { type: 'waitlist.joined', id: each.row.id } as const;
        await tellOfSubject(context, tx, workspace.id, what);
      }
      return ok(each);
    },
  );
  if (!joined.ok) return joined;
  const { row, repeated } = joined.value;
  const place = await placeOf(context, row);
  return ok({ entry: presentEntry(workspace, row), ...place, repeated });
}

interface Joined {
  readonly row: WaitlistRow;
  readonly repeated: boolean;
}

type Draft = Pick<WaitlistRow, 'emailHash' | 'email' | 'name' | 'metadata'>;

function readInput(
  context: Context,
  workspace: Workspace,
  input: JoinWaitlistInput,
): Result<Draft, ValidationRefusal | EventRefusal> {
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
  const { metadata = {} } = input;
  const email = typeof input.email === 'string' ? input.email.trim().toLowerCase() : '';
  const emailHash = email.length > 320 ? undefined : hashEmail(workspace, email);
  if (emailHash === undefined) report('email', 'must be an address of somebody');
  checkName(input.name, report);
  report('metadata', attributesProblem(metadata));
  if (emailHash === undefined || Object.keys(errors).length > 0) return refuseFields(errors);
  const invalid = checkEvent(
    workspace,
    { ...signalsOf(input), type: 'custom', name: joinedName, email },
    context.clock.now(),
  );
  if (invalid !== undefined) return invalid;
  return ok({
    emailHash,
    email: seal(workspace.dataKey, Buffer.from(email, 'utf8')),
    name: input.name ?? null,
    metadata: plainJson(metadata),
  });
}

const joinedName = 'waitlist_joined';
const attemptsMax = 10;

async function join(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  draft: Draft,
  referredBy: string | null | undefined,
): Promise<Joined> {
  const ordinal = await lockNextOrdinal(tx, workspace.id);
  const before = await lockEntry(tx, workspace.id, { emailHash: draft.emailHash });
  if (before !== undefined && before.status !== 'left') return { row: before, repeated: true };
  const at = new Date(context.clock.now());
  const places = placesPerReferral(workspace);
  if (before !== undefined) {
    const times = { joinedAt: at, updatedAt: at };
    const row = ranked({ ...before, ...draft, ...times, status: 'waiting', ordinal }, places);
    await updateEntry(tx, row);
    return { row, repeated: false };
  }
  const referrer = await findReferrer(tx, workspace, referredBy);
  const entry = {
    workspaceId: workspace.id,
    id: context.createId(at.getTime()),
    ...draft,
    status: 'waiting',
    ordinal,
    rank: ordinal,
    referrals: 0,
    referredBy: referrer?.id ?? null,
    invitationId: null,
    joinedAt: at,
    updatedAt: at,
  } as const;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const row = { ...entry, code: generateCode(undefined, codeLength) };
    if (!(await insertEntry(tx, row))) continue;
    if (referrer !== undefined) await countReferral(tx, workspace.id, referrer.id, places);
    return { row, repeated: false };
  }
  throw new Error('No code for the waitlist was free in ten attempts.');
}

/** 40 bits: it moves its owner up, and opens nothing. */
const codeLength = 8;

async function findReferrer(
  tx: Tx,
  workspace: Workspace,
  code: string | null | undefined,
): Promise<WaitlistRow | undefined> {
  if (typeof code !== 'string' || code.length > 100 || code.includes('\0')) return undefined;
  return findEntry(tx, workspace.id, { code: normaliseCode(code) });
}

/** On the timeline, and what makes the person known: forgetting them finds the entry by their address. */
function eventOf(
  context: Context,
  workspace: Workspace,
  row: WaitlistRow,
  input: JoinWaitlistInput,
) {
  return toIncomingEvent(
    context,
    workspace,
    {
      ...signalsOf(input),
      type: 'custom',
      name: joinedName,
      email: input.email.trim(),
      properties: { waitlist_entry_id: row.id },
    },
    { createsVisitor: true },
    context.clock.now(),
  );
}
