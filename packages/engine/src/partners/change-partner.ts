import { changedFields, givenFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import { hashEmail, hashEntity } from '../invitations/hash-entity.ts';
import { userType } from '../invitations/entity.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { tellLinksOfPartner } from '../links/tell-links-of-partner.ts';
import { reporter } from '../referrals/create-code.ts';
import { seal } from '../security/keyring.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { beginAnew, hasProgram } from './commission-progress-store.ts';
import { showPartner } from './get-partner.ts';
import { checkPartnerFields, partnerKeyProblem } from './partner.ts';
import type { Partner, PartnerFields } from './partner.ts';
import { hasExternalId, insertPartner, lockPartner, updatePartnerRow } from './partner-store.ts';
import type { PartnerRow } from './partner-store.ts';

export interface CreatePartnerInput extends PartnerFields {
  /** 1 to 255 letters, digits, `-` or `_`; unique among the partners that are not archived, in whatever case. */
  readonly key: string;
  readonly name: string;
  /** @default 'active' */
  readonly status?: 'active' | 'disabled' | undefined;
}

export type PartnerNotFound = Refusal & { readonly code: 'partner_not_found' };

export type PartnerTaken = Refusal & {
  readonly code: 'partner_key_taken' | 'external_id_taken';
};

export type CreatePartnerRefusal = ValidationRefusal | PartnerTaken | PersonRefusal;
export type UpdatePartnerRefusal =
  | ValidationRefusal
  | PartnerNotFound
  | PersonRefusal
  | (Refusal & { readonly code: 'external_id_taken' | 'partner_archived' });

/** Makes a partner. */
export async function createPartner(
  context: Context,
  workspace: Workspace,
  input: CreatePartnerInput,
  options?: WriteOptions,
): Promise<Result<Partner, CreatePartnerRefusal>> {
  const errors: Record<string, string[]> = {};
  const report = reporter(errors);
  report('key', partnerKeyProblem(input.key));
  checkPartnerFields({ ...input, name: input.name ?? '' }, report);
  if ((input.status as string | undefined) === 'archived')
    report('status', 'must be active or disabled');
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const now = new Date(context.clock.now());
  const row: PartnerRow = applyFields(workspace, input, {
    workspaceId: workspace.id,
    id: context.createId(now.getTime()),
    key: input.key,
    name: input.name,
    status: 'active',
    externalId: null,
    personKey: null,
    email: null,
    emailHash: null,
    metadata: {},
    programId: null,
    group: null,
    tokenVersion: 1,
    createdAt: now,
    updatedAt: now,
    archivedAt: null,
  });
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Partner, CreatePartnerRefusal>> => {
      const refusal = await refuseReferences(tx, workspace, row);
      if (refusal !== undefined) return refusal;
      if (!(await insertPartner(tx, row)))
        return row.externalId !== null &&
          (await hasExternalId(tx, workspace.id, row.externalId, row.id))
          ? externalIdTaken()
          : refuse('partner_key_taken', 'A partner with this key already exists.', {
              key: ['is taken'],
            });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'partner.created',
        subject: { type: 'partner', id: row.id },
        changes: givenFields(told(row)),
      });
      return ok(showPartner(workspace, row));
    },
  );
}

/** Changes what is given; `null` empties a field. The key never changes. */
export async function updatePartner(
  context: Context,
  workspace: Workspace,
  id: string,
  fields: PartnerFields,
  options?: WriteOptions,
): Promise<Result<Partner, UpdatePartnerRefusal>> {
  const errors: Record<string, string[]> = {};
  checkPartnerFields(fields, reporter(errors));
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  let announce: (() => void) | undefined;
  const changed = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<PartnerRow, UpdatePartnerRefusal>> => {
      const before = isUuid(id) ? await lockPartner(tx, workspace.id, id) : undefined;
      if (before === undefined) return partnerNotFound();
      const given = (fields as Readonly<Record<string, unknown>>)['key'];
      if (given !== undefined && given !== before.key)
        return refuseField('key', 'cannot be changed');
      if (before.status === 'archived')
        return fields.status === 'archived' && Object.keys(fields).length === 1
          ? ok(before)
          : refuse('partner_archived', 'An archived partner cannot be changed.');
      const now = new Date(context.clock.now());
      const after = applyFields(workspace, fields, { ...before, updatedAt: now });
      const row = after.status === 'archived' ? { ...after, archivedAt: now } : after;
      const refusal = await refuseReferences(tx, workspace, row, before);
      if (refusal !== undefined) return refusal;
      if (
        row.externalId !== null &&
        row.externalId !== before.externalId &&
        (await hasExternalId(tx, workspace.id, row.externalId, row.id))
      )
        return externalIdTaken();
      await updatePartnerRow(tx, row);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: row.status === 'archived' ? 'partner.archived' : 'partner.updated',
        subject: { type: 'partner', id: row.id },
        changes: changedFields(told(before), told(row)),
      });
      if (earnsOtherwise(row, before)) await beginAnew(tx, workspace.id);
      if (row.status !== before.status) announce = await tellLinksOfPartner(context, tx, row);
      return ok(row);
    },
  );
  if (!changed.ok) return changed;
  announce?.();
  return ok(showPartner(workspace, changed.value));
}

/** Ends a partner and frees the key and the external id. What was earned stays; doing it again changes nothing. */
export async function archivePartner(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<Partner, PartnerNotFound>> {
  const archived = await updatePartner(context, workspace, id, { status: 'archived' }, options);
  // Nothing is changed that could be wrong.
  return archived.ok ? archived : partnerNotFound();
}

export function partnerNotFound(): PartnerNotFound {
  return refuse('partner_not_found', 'Partner not found.');
}

function externalIdTaken() {
  return refuse('external_id_taken', 'Another partner has this external id.', {
    externalId: ['is taken'],
  });
}

function applyFields(workspace: Workspace, given: PartnerFields, row: PartnerRow): PartnerRow {
  const { name, status, externalId, email, metadata, programId, group } = given;
  return {
    ...row,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(externalId !== undefined && {
      externalId,
      personKey:
        externalId === null ? null : hashEntity(workspace, { type: userType, id: externalId }),
    }),
    ...(email !== undefined && {
      email: email === null ? null : seal(workspace.dataKey, Buffer.from(email, 'utf8')),
      emailHash: email === null ? null : (hashEmail(workspace, email) ?? null),
    }),
    ...(metadata !== undefined && { metadata: metadata ?? {} }),
    ...(programId !== undefined && { programId: programId?.toLowerCase() ?? null }),
    ...(group !== undefined && { group }),
  };
}

/** What says nothing of the person who is the partner: they can be forgotten, and the log is kept. */
function told({ status, programId, group }: PartnerRow) {
  return { status, programId, group };
}

/** What people did before is looked at again where this partner may earn on it now, or may be one of them. */
function earnsOtherwise(row: PartnerRow, before: PartnerRow): boolean {
  const names = ['status', 'externalId', 'emailHash', 'programId', 'group'] as const;
  return names.some((name) => String(row[name]) !== String(before[name]));
}

async function refuseReferences(
  tx: Tx,
  workspace: Workspace,
  row: PartnerRow,
  before?: PartnerRow,
): Promise<ValidationRefusal | PersonRefusal | undefined> {
  if (
    row.programId !== null &&
    row.programId !== before?.programId &&
    !(await hasProgram(tx, workspace.id, row.programId))
  )
    return refuseField('programId', 'must name a programme of this workspace');
  if (row.externalId === null || row.externalId === before?.externalId) return undefined;
  return refuseForgotten(tx, workspace, { type: userType, id: row.externalId });
}
