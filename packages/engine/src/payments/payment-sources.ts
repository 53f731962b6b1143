import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { without } from '../kernel/without.ts';
import type { Keyring } from '../security/keyring.ts';
import type { Db, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { providerOf, providersOf } from './payment-providers.ts';
import { pathOfSource, sourceNameLengthMax } from './payment-source.ts';
import type { PaymentSource, StoredPaymentSource } from './payment-source.ts';
import {
  findPaymentSource,
  insertPaymentSource,
  lockPaymentSource,
  selectPaymentSources,
  updatePaymentSource,
} from './payment-store.ts';

export interface PaymentSourceInput {
  /** `stripe`, or the type of a provider of the host's own. */
  readonly provider: string;
  /**
   * The provider's signing secret: of Stripe the endpoint's `whsec_…`. Nothing is taken before there is one
   * (`addPaymentSecret`): providers tell it when they are told the address.
   */
  readonly secret?: string | undefined;
  /** @default the provider's name */
  readonly name?: string | undefined;
  /** @default 'live' */
  readonly mode?: 'live' | 'test' | undefined;
  /** @default 'trusted' */
  readonly payerReference?: PaymentSource['payerReference'] | undefined;
}

interface PaymentSecret {
  readonly value: string;
  /** When it is taken no more, in milliseconds; the newest one has no end. */
  readonly endsAt?: number;
}

export type PaymentSourceNotFound = Refusal & { readonly code: 'payment_source_not_found' };

const purpose = 'payment-secrets';
const secretLengthMax = 512;
/** For so long what an old secret has signed is taken beside the new one's. */
const rotationOverlap = day;

/** Makes an address at which a provider's messages arrive: `path`, below the base path. */
export async function createPaymentSource(
  context: Context,
  workspace: Workspace,
  input: PaymentSourceInput,
  options?: WriteOptions,
): Promise<Result<PaymentSource, ValidationRefusal>> {
  const provider = providerOf(context, input.provider);
  const { secret, mode = 'live', name = provider?.label, payerReference = 'trusted' } = input;
  const errors = {
    ...(provider === undefined && {
      provider: [
        `must be one of ${providersOf(context)
          .map(({ type }) => type)
          .join(', ')}`,
      ],
    }),
    ...(secret !== undefined && secretErrors(secret)),
    ...(payerReference !== 'trusted' &&
      payerReference !== 'ignored' && { payerReference: ['must be trusted or ignored'] }),
    ...(mode !== 'live' && mode !== 'test' && { mode: ['must be live or test'] }),
    ...((typeof name !== 'string' || name === '' || name.length > sourceNameLengthMax) &&
      provider !== undefined && { name: [`must have 1 to ${sourceNameLengthMax} characters`] }),
  };
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const now = context.clock.now();
  const id = context.createId(now);
  const source: PaymentSource = {
    workspaceId: workspace.id,
    id,
    provider: input.provider,
    name: name!,
    mode,
    payerReference,
    path: pathOfSource(workspace.id, id),
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  const secrets = sealSecrets(context.keyring, secret === undefined ? [] : [{ value: secret }]);
  await inTransaction(context.database, options, async (tx) => {
    await insertPaymentSource(tx, { ...source, secrets });
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'payment_source.created',
      subject: { type: 'payment_source', id: id },
    });
  });
  return ok(source);
}

/** Takes a new signing secret; what the one before has signed is taken for a day more. */
export async function addPaymentSecret(
  context: Context,
  workspace: Workspace,
  id: string,
  input: { readonly secret: string },
  options?: WriteOptions,
): Promise<Result<PaymentSource, PaymentSourceNotFound | ValidationRefusal>> {
  const errors = secretErrors(input.secret);
  if (errors !== undefined) return refuseFields(errors);
  if (!isUuid(id)) return paymentSourceNotFound();
  const now = context.clock.now();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<PaymentSource, PaymentSourceNotFound>> => {
      const source = await lockPaymentSource(tx, workspace.id, id);
      if (source === undefined || source.archivedAt !== null) return paymentSourceNotFound();
      const [newest] = readSecrets(context.keyring, source);
      const secrets: PaymentSecret[] = [
        { value: input.secret },
        ...(newest === undefined ? [] : [{ value: newest.value, endsAt: now + rotationOverlap }]),
      ];
      const updatedAt = new Date(now);
      const sealed = sealSecrets(context.keyring, secrets);
      await updatePaymentSource(tx, workspace.id, id, { secrets: sealed, updated_at: updatedAt });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'payment_source.secret_added',
        subject: { type: 'payment_source', id: id },
      });
      return ok(withoutSecrets({ ...source, updatedAt }));
    },
  );
}

export async function listPaymentSources(
  context: Context,
  workspace: Workspace,
): Promise<readonly PaymentSource[]> {
  return (await selectPaymentSources(context.database.db, workspace.id)).map(withoutSecrets);
}

/** Nothing that arrives at its address counts any more. */
export async function archivePaymentSource(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<PaymentSource, PaymentSourceNotFound>> {
  const db = dbOf(context, options);
  const source = isUuid(id) ? await findPaymentSource(db, workspace.id, id) : undefined;
  if (source === undefined) return paymentSourceNotFound();
  const now = new Date(context.clock.now());
  if (source.archivedAt === null)
    await inTransaction(context.database, options, async (tx) => {
      await updatePaymentSource(tx, workspace.id, id, { archived_at: now, updated_at: now });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'payment_source.archived',
        subject: { type: 'payment_source', id: id },
      });
    });
  return ok(withoutSecrets({ ...source, archivedAt: source.archivedAt ?? now, updatedAt: now }));
}

/** The secrets that count now. */
export function openSecrets(keyring: Keyring, source: StoredPaymentSource, now: number): string[] {
  return readSecrets(keyring, source)
    .filter(({ endsAt = Infinity }) => endsAt > now)
    .map(({ value }) => value);
}

export function paymentSourceNotFound() {
  return refuse('payment_source_not_found', 'There is no such payment source.');
}

function readSecrets(keyring: Keyring, source: StoredPaymentSource): PaymentSecret[] {
  return JSON.parse(keyring.decrypt(purpose, source.secrets).toString('utf8')) as PaymentSecret[];
}

function sealSecrets(keyring: Keyring, secrets: readonly PaymentSecret[]): Buffer {
  return keyring.encrypt(purpose, Buffer.from(JSON.stringify(secrets)));
}

function secretErrors(secret: unknown): { readonly secret: string[] } | undefined {
  const isGood = typeof secret === 'string' && secret !== '' && secret.length <= secretLengthMax;
  return isGood ? undefined : { secret: [`must have 1 to ${secretLengthMax} characters`] };
}

function withoutSecrets(source: StoredPaymentSource): PaymentSource {
  return without(source, 'secrets');
}

function dbOf({ database }: Context, options: WriteOptions | undefined): Db {
  return options?.tx === undefined ? database.db : database.join(options.tx);
}
