import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { without } from '../kernel/without.ts';
import type { Keyring } from '../security/keyring.ts';
import type { Db, WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { providerOf, providersOf } from './payment-providers.ts';
import { pathOfSource, sourceNameLengthMax } from './payment-source.ts';
import type { PaymentSource, StoredPaymentSource } from './payment-source.ts';
import {
  findPaymentSource,
  insertPaymentSource,
  selectPaymentSources,
  updatePaymentSource,
} from './payment-store.ts';

export interface PaymentSourceInput {
  /** `stripe`, or the type of a provider of the host's own. */
  readonly provider: string;
  /** The provider's signing secret: of Stripe the endpoint's `whsec_…`. */
  readonly secret: string;
  /** @default the provider's name */
  readonly name?: string | undefined;
  /** @default 'live' */
  readonly mode?: 'live' | 'test' | undefined;
}

export type PaymentSourceNotFound = Refusal & { readonly code: 'payment_source_not_found' };

const purpose = 'payment-secrets';
const secretLengthMax = 512;
/** The newest ones: while the provider changes over. */
const secretsKept = 2;

/** Makes an address at which a provider's messages arrive: `path`, below the base path. */
export async function createPaymentSource(
  context: Context,
  workspace: Workspace,
  input: PaymentSourceInput,
  options?: WriteOptions,
): Promise<Result<PaymentSource, ValidationRefusal>> {
  const provider = providerOf(context, input.provider);
  const { secret, mode = 'live', name = provider?.label } = input;
  const errors = {
    ...(provider === undefined && {
      provider: [
        `must be one of ${providersOf(context)
          .map(({ type }) => type)
          .join(', ')}`,
      ],
    }),
    ...secretErrors(secret),
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
    path: pathOfSource(workspace.id, id),
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  const secrets = sealSecrets(context.keyring, [secret]);
  await insertPaymentSource(dbOf(context, options), { ...source, secrets });
  return ok(source);
}

/** Takes a new signing secret; what the one before has signed is taken too, until there is another. */
export async function addPaymentSecret(
  context: Context,
  workspace: Workspace,
  id: string,
  input: { readonly secret: string },
  options?: WriteOptions,
): Promise<Result<PaymentSource, PaymentSourceNotFound | ValidationRefusal>> {
  const errors = secretErrors(input.secret);
  if (errors !== undefined) return refuseFields(errors);
  const db = dbOf(context, options);
  const source = isUuid(id) ? await findPaymentSource(db, workspace.id, id) : undefined;
  if (source === undefined || source.archivedAt !== null) return paymentSourceNotFound();
  const secrets = [input.secret, ...openSecrets(context.keyring, source)].slice(0, secretsKept);
  const updated_at = new Date(context.clock.now());
  const sealed = sealSecrets(context.keyring, secrets);
  await updatePaymentSource(db, workspace.id, id, { secrets: sealed, updated_at });
  return ok(withoutSecrets({ ...source, updatedAt: updated_at }));
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
    await updatePaymentSource(db, workspace.id, id, { archived_at: now, updated_at: now });
  return ok(withoutSecrets({ ...source, archivedAt: source.archivedAt ?? now, updatedAt: now }));
}

export function openSecrets(keyring: Keyring, source: StoredPaymentSource): string[] {
  return JSON.parse(keyring.decrypt(purpose, source.secrets).toString('utf8')) as string[];
}

export function paymentSourceNotFound() {
  return refuse('payment_source_not_found', 'There is no such payment source.');
}

function sealSecrets(keyring: Keyring, secrets: readonly string[]): Buffer {
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
