import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { without } from '../kernel/without.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { CreatedLink, CreateLinkRefusal, LinkInput } from '../links/create-link.ts';
import { mintLink } from '../links/mint-link.ts';
import { seal } from '../security/keyring.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readEntity } from './entity.ts';
import type { Entity, EntityInput } from './entity.ts';
import { hashEmail, hashEntity } from './hash-entity.ts';
import { defaultExpiresIn, defaultTokenLength } from './invitation-options.ts';
import { signingSecrets, signToken } from './invitation-signature.ts';
import {
  deleteInvitation,
  insertEmails,
  insertInvitation,
  updateInvitationRow,
} from './invitation-store.ts';
import type { InvitationRow, StoredEmail } from './invitation-store.ts';
import {
  generateToken,
  hashToken,
  normaliseToken,
  prefixOfToken,
  tokenProblem,
} from './invitation-token.ts';
import { invitationUrl } from './invitation-url.ts';
import { checkFields, expiryProblem, readEmailDomain } from './invitation.ts';
import type { Invitation, InvitationChanges } from './invitation.ts';

export interface CreateInvitationInput extends InvitationChanges {
  /**
   * A token of your own: 1 to 255 characters that differ by case. What can be guessed should be signed.
   * @default random letters and digits
   */
  readonly token?: string | undefined;
  /** Whether the token is good with its signature only. Needs a token of your own. @default false */
  readonly sign?: boolean | undefined;
  /** When it ends; `null` for never. */
  readonly expiresAt?: Date | null | undefined;
  /** The same from now on; `null` for never. @default what the workspace or the options say: 7 days */
  readonly expiresIn?: Period | null | undefined;
  /** Addresses that it is for. @default everybody */
  readonly emails?: readonly string[] | undefined;
  /** Hosts of addresses that it is for: `example.com`. */
  readonly emailDomains?: readonly string[] | undefined;
  /** Whether who redeems it has to have verified the address. @default false */
  readonly verifiedEmail?: boolean | undefined;
  /** Who invites: whoever redeems it was referred by them. */
  readonly owner?: EntityInput | undefined;
  /**
   * A short link of its own; its destinations get the token. Whoever can read the workspace's links can follow it, and so
   * reads the token that is nowhere else.
   */
  readonly link?: LinkInput | undefined;
  /** Whether a name has to be given. @default the options' */
  readonly requireName?: boolean | undefined;
}

/** What creating and renewing answer: the only time that the token can be read. */
export interface CreatedInvitation extends Invitation {
  readonly token: string;
  /** The short link that was asked for. */
  readonly link?: CreatedLink | undefined;
}

export type CreateInvitationRefusal =
  | ValidationRefusal
  | CreateLinkRefusal
  | (Refusal & {
      readonly code:
        | 'token_required'
        | 'token_taken'
        | 'no_signing_secret'
        | 'too_many_token_attempts';
    });

/** As Usher: five collisions of 95 random bits are no accident. */
const attemptsMax = 5;
const bindingsMax = 1_000;

/**
 * Creates an invitation. Its token is on this answer only.
 *
 * @example
 * const invitation = orThrow(await hw.invitations.create({ name: 'Team', attributes: { role: 'admin' } }));
 */
export async function createInvitation(
  context: Context,
  workspace: Workspace,
  input: CreateInvitationInput = {},
  options?: WriteOptions,
): Promise<Result<CreatedInvitation, CreateInvitationRefusal>> {
  const signers = signingSecrets(context.options.invitations?.signingSecret);
  const [secret] = signers;
  if (input.sign === true && (input.token === undefined || input.token === ''))
    return refuse('token_required', 'A signed invitation needs a token of your own', {
      token: ['is required'],
    });
  // Looked for before anything is stored.
  if (input.sign === true && secret === undefined)
    return refuse(
      'no_signing_secret',
      'Nothing can be signed: the option invitations.signingSecret is not set',
    );
  const read = readInvitation(context, workspace, input);
  if (!read.ok) return read;
  const { draft, emails } = read.value;
  const ownToken = input.token === undefined ? undefined : normaliseToken(input.token);
  const signature =
    input.sign === true && secret !== undefined && ownToken !== undefined
      ? signToken(secret, ownToken)
      : undefined;
  const signingKey = signature === undefined ? null : secret!.id;

  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CreatedInvitation, CreateInvitationRefusal>> => {
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const token =
          ownToken ?? generateToken(context.options.invitations?.tokenLength ?? defaultTokenLength);
        const row: InvitationRow = {
          ...draft,
          tokenHash: hashToken(workspace, token),
          tokenPrefix: prefixOfToken(token),
          signingKey,
          signed: signingKey !== null,
        };
        if (await insertInvitation(tx, row)) {
          await insertEmails(tx, workspace.id, emails);
          const minted = await mint(context, tx, workspace, {
            row,
            link: input.link,
            token,
            signature,
          });
          if (minted?.ok === false) return minted;
          const linkId = minted?.value.id ?? null;
          await recordAudit(context, tx, {
            workspaceId: workspace.id,
            action: 'invitation.created',
            subject: { type: 'invitation', id: row.id },
          });
          const shown = { ...without(row, 'tokenHash', 'signingKey', 'ownerKey'), linkId };
          const secrets = { token, signature, ...(minted && { link: minted.value }) };
          return ok({ ...shown, emails: emails.map(({ email }) => email), ...secrets });
        }
        if (ownToken !== undefined)
          return refuse('token_taken', 'token has already been taken', {
            token: ['has already been taken'],
          });
      }
      return refuse('too_many_token_attempts', 'No token was free in five attempts');
    },
  );
}

/** The short link of an invitation that was just inserted; a refusal takes the invitation back. */
async function mint(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  {
    row,
    link,
    token,
    signature,
  }: {
    readonly row: InvitationRow;
    readonly link: LinkInput | undefined;
    readonly token: string;
    readonly signature: string | undefined;
  },
): Promise<Result<CreatedLink, CreateLinkRefusal> | undefined> {
  if (link === undefined) return undefined;
  const address = (base: string): string | undefined => invitationUrl(base, token, signature);
  const minted = await mintLink(context, tx, workspace, { input: link, address });
  if (minted.ok) await updateInvitationRow(tx, { ...row, linkId: minted.value.id });
  else await deleteInvitation(tx, workspace.id, row.id);
  return minted;
}

interface ReadInvitation {
  readonly draft: Omit<InvitationRow, 'tokenHash' | 'tokenPrefix' | 'signingKey' | 'signed'>;
  readonly emails: ReadonlyArray<StoredEmail & { readonly email: string }>;
}

function readInvitation(
  context: Context,
  workspace: Workspace,
  input: CreateInvitationInput,
): Result<ReadInvitation, ValidationRefusal> {
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
  const now = context.clock.now();
  const id = context.createId(now);
  checkFields(input, report);
  const required = input.requireName ?? context.options.invitations?.nameRequired ?? false;
  if (required && input.name == null) report('name', "can't be blank");
  if (input.token !== undefined) report('token', tokenProblem(input.token));
  const expiresAt = readExpiry(context, workspace, input, now, report);
  const emails = readEmails(workspace, input.emails ?? [], id, report);
  const emailDomains = readDomains(input.emailDomains ?? [], report);
  if (input.verifiedEmail !== undefined && typeof input.verifiedEmail !== 'boolean')
    report('verifiedEmail', 'must be true or false');
  const owner = readOwner(input.owner, report);
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const at = new Date(now);
  return ok({
    emails,
    draft: {
      workspaceId: workspace.id,
      id,
      name: input.name ?? null,
      description: input.description ?? null,
      attributes: plainJson(input.attributes ?? {}),
      status: 'active',
      expiresAt,
      uses: 0,
      usesMax: input.usesMax ?? null,
      emailDomains,
      verifiedEmail: input.verifiedEmail ?? false,
      owner: owner ?? null,
      ownerKey: owner === undefined ? null : hashEntity(workspace, owner),
      linkId: null,
      createdAt: at,
      updatedAt: at,
      archivedAt: null,
    },
  });
}

/** What is read back is what was stored: without undefined values, dates as texts. */
export function plainJson(
  attributes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(attributes)) as Record<string, unknown>;
}

type Report = (field: string, problem: string | undefined) => void;

function readExpiry(
  context: Context,
  workspace: Workspace,
  { expiresAt, expiresIn }: CreateInvitationInput,
  now: number,
  report: Report,
): Date | null {
  if (expiresAt !== undefined && expiresIn !== undefined) {
    report('expiresIn', 'must not be given beside expiresAt');
    return null;
  }
  if (expiresAt !== undefined) {
    if (expiresAt !== null) report('expiresAt', expiryProblem(expiresAt, now));
    return expiresAt;
  }
  const usual = workspace.settings.invitations?.expiresIn ?? context.options.invitations?.expiresIn;
  const period =
    expiresIn === undefined ? (usual === undefined ? defaultExpiresIn : usual) : expiresIn;
  if (period === null) return null;
  const problem = periodProblem(period);
  report('expiresIn', problem);
  if (problem !== undefined) return null;
  const end = movePeriod(now, period);
  if (end === undefined) report('expiresIn', 'must end before the year 10000');
  return new Date(end ?? now);
}

function readEmails(
  workspace: Workspace,
  emails: readonly string[],
  invitationId: string,
  report: Report,
): Array<StoredEmail & { readonly email: string }> {
  if (!Array.isArray(emails) || emails.length > bindingsMax) {
    report('emails', `must be a list of at most ${bindingsMax} addresses`);
    return [];
  }
  const read = new Map<string, StoredEmail & { readonly email: string }>();
  for (const given of emails as readonly unknown[]) {
    const email = typeof given === 'string' ? given.trim().toLowerCase() : '';
    const valueHash = email.length > 320 ? undefined : hashEmail(workspace, email);
    if (valueHash === undefined) {
      report('emails', 'must be addresses of people');
      return [];
    }
    const value = seal(workspace.dataKey, Buffer.from(email, 'utf8'));
    read.set(valueHash.toString('hex'), { invitationId, valueHash, value, email });
  }
  return [...read.values()];
}

function readDomains(domains: readonly string[], report: Report): string[] {
  if (!Array.isArray(domains) || domains.length > bindingsMax) {
    report('emailDomains', `must be a list of at most ${bindingsMax} hosts`);
    return [];
  }
  const read = domains.map((domain: unknown) => readEmailDomain(domain));
  if (read.includes(undefined)) report('emailDomains', 'must be hosts of addresses: example.com');
  return [...new Set(read.filter((domain) => domain !== undefined))];
}

function readOwner(owner: EntityInput | undefined, report: Report): Entity | undefined {
  if (owner === undefined) return undefined;
  const read = readEntity(owner);
  if ('entity' in read) return read.entity;
  report('owner', read.problem);
  return undefined;
}
