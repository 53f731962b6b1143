import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { TrackEventOptions } from '../ingest/track-event.ts';
import type { Result } from '../kernel/result.ts';
import { hashIdentifier } from './hash-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getVisitor } from './get-visitor.ts';
import { identifyVisitor } from './identify-visitor.ts';
import type {
  IdentifiedVisitor,
  IdentifyVisitorInput,
  IdentifyVisitorRefusal,
} from './identify-visitor.ts';
import { namedIdentifiers } from './named-identifiers.ts';
import { normaliseIdentifier } from './normalise-identifier.ts';

export type ResolveVisitorInput = Omit<IdentifyVisitorInput, 'name' | 'metadata' | 'visitorId'>;

/**
 * The visitor behind some signals. Where all of them are known as one person nothing is written; otherwise what is
 * new is recorded as an `identify` event, as any other way of learning who somebody is.
 *
 * @example
 * const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId: cookie }));
 */
export async function resolveVisitor(
  context: Context,
  workspace: Workspace,
  input: ResolveVisitorInput,
  options: Pick<TrackEventOptions, 'tx' | 'origin'> = {},
): Promise<Result<IdentifiedVisitor, IdentifyVisitorRefusal>> {
  const refusal = checkEvent(workspace, { type: 'identify', ...input }, context.clock.now());
  if (refusal !== undefined) return refusal;
  // Under a key the answer is that of the event which has it, whatever has become known since.
  const writes =
    options.tx !== undefined || input.idempotencyKey !== undefined || input.eventId !== undefined;
  const known = writes ? undefined : await findKnown(context, workspace, input);
  if (known !== undefined) {
    const visitor = await getVisitor(context, workspace, known.visitorId);
    if (visitor !== undefined) {
      return {
        ok: true,
        value: { visitor, identity: { outcome: 'known' }, eventId: known.eventId },
      };
    }
  }
  return identifyVisitor(context, workspace, input, options);
}

async function findKnown(
  context: Context,
  workspace: Workspace,
  input: ResolveVisitorInput,
): Promise<{ readonly visitorId: string; readonly eventId: string } | undefined> {
  const named = namedIdentifiers(workspace, input);
  const hashes: Array<readonly [kind: string, hash: Buffer]> = [];
  for (const identifier of named) {
    const value = normaliseIdentifier(identifier, workspace.settings);
    if (value === undefined) return undefined;
    hashes.push([identifier.kind, hashIdentifier(workspace, identifier.kind, value)]);
  }
  if (hashes.length === 0) return undefined;
  const rows = await context.database.db
    .selectFrom('identity as i')
    .innerJoin('visitor as v', (join) =>
      join.onRef('v.workspace_id', '=', 'i.workspace_id').onRef('v.id', '=', 'i.visitor_id'),
    )
    .select(['i.visitor_id', 'i.event_id', 'v.root_id'])
    .where('i.workspace_id', '=', workspace.id)
    .where('v.erased_at', 'is', null)
    .where('v.current_visitor_id', 'is', null)
    .where((eb) =>
      eb.or(
        hashes.map(([kind, hash]) =>
          eb.and([eb('i.kind', '=', kind), eb('i.value_hash', '=', hash)]),
        ),
      ),
    )
    .execute();
  const [first] = rows;
  if (
    first === undefined ||
    rows.length < hashes.length ||
    rows.some((row) => row.root_id !== first.root_id)
  )
    return undefined;
  return { visitorId: first.visitor_id, eventId: first.event_id };
}
