import type { AuditRecord } from './audit/audit-entry.ts';
import { recordAudit } from './audit/record-audit.ts';
import { addressPrefix } from './capture/address-prefix.ts';
import type { ReadForwarded } from './capture/forwarded.ts';
import { toIncomingRequest } from './capture/web-exchange.ts';
import type { Context } from './context.ts';
import { authenticate } from './http/authentication.ts';
import type { AuthenticationRefusal } from './http/authentication.ts';
import type { Clock } from './kernel/clock.ts';
import { ok } from './kernel/result.ts';
import type { Result } from './kernel/result.ts';
import type { Limiter } from './limits/limiter.ts';
import { countedNetwork } from './limits/rate-limit.ts';
import type { Network } from './limits/rate-limit.ts';
import type { Keyring } from './security/keyring.ts';
import type { Db, OtherDb } from './store/database.ts';
import type { ApiKeyScope } from './workspaces/api-key.ts';

/** What the engine shares with something that stands beside it, on the same database and with the same secrets. */
export interface Neighbour<OtherTables> {
  /** Queries of tables in the neighbour's own schema, on the engine's connections. */
  readonly db: OtherDb<OtherTables>;
  readonly clock: Clock;
  createId(): string;
  /** Keyed hashes; the keys of a neighbour are its own. */
  readonly keyring: Pick<Keyring, 'hash' | 'hashes'>;
  /** Counts with all processes. */
  readonly limiter: Pick<Limiter, 'takeTogether'>;
  /** Writes down, in a transaction of {@link Neighbour.db}, who did what. */
  audit(tx: OtherDb<OtherTables>, actor: string | undefined, record: AuditRecord): Promise<void>;
  /** The network that limits count for, behind the trusted proxies. */
  networkOf(request: Request, remoteAddress: string | undefined): Network;
  /** Who asks, if the REST API would let them do what needs the scope: for routes of the neighbour's own. */
  recognise(
    asked: { readonly request: Request; readonly network: Network },
    scope: ApiKeyScope,
  ): Promise<Result<Recognised, AuthenticationRefusal>>;
}

/** Whoever asks a neighbour: their workspace, and the id of their key or what the host calls them. */
export interface Recognised {
  readonly workspaceId: string;
  readonly actor?: string;
}

export function createNeighbour<OtherTables>(
  context: Context,
  schema: string,
  readForwarded: ReadForwarded,
): Neighbour<OtherTables> {
  const { database, clock, createId, keyring, limiter } = context;
  const own = (purpose: string): string => `beside:${schema}:${purpose}`;
  return {
    db: database.beside<OtherTables>(schema),
    clock,
    createId: () => createId(clock.now()),
    keyring: {
      hash: (purpose, value) => keyring.hash(own(purpose), value),
      hashes: (purpose, value) => keyring.hashes(own(purpose), value),
    },
    limiter,
    audit: (tx, actor, record) =>
      recordAudit(
        { clock, createId, actor },
        tx.withSchema(database.schema) as unknown as Db,
        record,
      ),
    networkOf: (request, remoteAddress) =>
      countedNetwork(
        addressPrefix(toIncomingRequest(request, remoteAddress, readForwarded).remoteAddress),
      ),
    async recognise(asked, scope) {
      const caller = await authenticate(context, asked, scope);
      if (!caller.ok) return caller;
      const { workspace, actor } = caller.value;
      return ok({ workspaceId: workspace.id, ...(actor !== undefined && { actor }) });
    },
  };
}
