import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import { linkParams, toLinkInput } from '../links/link-schema.ts';
import type { Link } from '../links/link.ts';
import { shortUrl } from '../links/short-url.ts';
import type { CreatedInvitation, CreateInvitationInput } from './create-invitation.ts';
import { entityTypePattern, userType } from './entity.ts';
import { invitationStatuses } from './invitation.ts';
import type { Invitation, InvitationChanges } from './invitation.ts';
import type { ListInvitationsInput } from './list-invitations.ts';

export const invitationIdParams = z.object({ id: uuid });

const amount = z.int().min(0).optional();

/** A length of time by the calendar. */
export const period = z
  .strictObject({
    years: amount,
    months: amount,
    weeks: amount,
    days: amount,
    hours: amount,
    minutes: amount,
    seconds: amount,
  })
  .meta({ id: 'Period', example: { days: 7 } });

export const entity = z
  .strictObject({
    type: z.string().meta({ example: 'user' }),
    id: z.union([z.string(), z.int()]).meta({ type: 'string', example: 'user_123' }),
  })
  .meta({ id: 'Entity' });

export const storedEntity = z.object({
  type: z.string().meta({ example: 'user' }),
  id: z.string().nullable().meta({ description: '`null` once the person was forgotten' }),
});

const changeable = {
  name: z.string().nullish().meta({ example: 'Join Marketing' }),
  description: z.string().nullish(),
  attributes: jsonObject
    .optional()
    .meta({ description: 'Anything of yours', example: { role: 'admin' } }),
  uses_max: z.int().nullish().meta({ description: 'Seats; `null`: as many as come' }),
};

export const invitationParams = z
  .strictObject({
    token: z
      .string()
      .optional()
      .meta({ description: 'Default: 16 random letters and digits', example: 'spring-2026' }),
    sign: z
      .boolean()
      .optional()
      .meta({ description: 'The token is good with its signature only', default: false }),
    ...changeable,
    expires_at: instant.nullish().meta({ description: '`null`: never. Default: in seven days' }),
    expires_in: period.nullish(),
    emails: z.array(z.string()).optional().meta({ description: 'Addresses that it is for' }),
    email_domains: z
      .array(z.string())
      .optional()
      .meta({ description: 'Hosts of addresses that it is for', example: ['example.com'] }),
    verified_email: z
      .boolean()
      .optional()
      .meta({ description: 'Only who has verified the address', default: false }),
    owner: entity.optional().meta({ description: 'Who invites' }),
    link: linkParams.optional().meta({
      description: 'A short link of its own; its destinations get the token',
    }),
  })
  .meta({ id: 'InvitationParams' });

export const invitationBulkParams = z.strictObject({
  invitations: z.array(invitationParams).min(1).max(500),
});

export const invitationUpdateParams = z
  .strictObject(changeable)
  .meta({ id: 'InvitationUpdateParams', description: 'What is absent stays, `null` empties.' });

export const expiryParams = z
  .union([
    z.strictObject({
      extend_by: period,
      from: z.enum(['stored', 'now']).optional().meta({ default: 'stored' }),
    }),
    z.strictObject({ expires_in: period }),
    z.strictObject({ expires_at: instant.nullable() }),
  ])
  .meta({ id: 'InvitationExpiryParams', description: 'One of the three' });

export const renewParams = z
  .strictObject({ expires_in: period.optional() })
  .meta({ id: 'InvitationRenewParams' });

export const cleanUpParams = z
  .strictObject({ expired_for: period.optional().meta({ example: { days: 30 } }) })
  .meta({ id: 'InvitationCleanUpParams' });

export const cleanUpResponse = z.object({ archived: countOut });

export const tokenParams = {
  token: z.string().meta({ description: 'The `invitation_token` of the address' }),
  signature: z.string().optional().meta({ description: 'The `s` of the address' }),
};

export const validateParams = z
  .strictObject({
    ...tokenParams,
    address: text(64).optional().meta({ description: 'Of who shows it, to count guesses' }),
    account: text(255).optional().meta({ description: 'The same by what you know them by' }),
  })
  .meta({ id: 'InvitationValidateParams' });

/** What is handed on of a link that was minted with something. */
export const mintedLink = z
  .object({ id: idOut, short_url: z.string().meta({ format: 'uri' }) })
  .meta({ id: 'MintedLink' });

export function toMintedLink(
  link: Pick<Link, 'id' | 'domain' | 'key'> | undefined,
  scheme: 'http' | 'https' | undefined,
): z.input<typeof mintedLink> | null {
  return link === undefined ? null : { id: link.id, short_url: shortUrl(link, scheme) };
}

const fields = {
  id: idOut,
  token_prefix: z.string().meta({ description: 'The first characters of the token' }),
  signed: z.boolean(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  attributes: jsonObject,
  status: z.enum(invitationStatuses),
  expires_at: timestampOut.nullable(),
  uses: countOut.meta({ description: 'Seats that are taken' }),
  uses_max: countOut.nullable(),
  emails: z.array(z.string()),
  email_domains: z.array(z.string()),
  verified_email: z.boolean(),
  owner: storedEntity.nullable(),
  link_id: idOut.nullable().meta({ description: 'The short link that was minted with it' }),
  archived_at: timestampOut.nullable(),
  inserted_at: timestampOut,
  updated_at: timestampOut,
};

export const invitationResponse = z.object(fields).meta({ id: 'InvitationResponse' });

export const createdInvitationResponse = z
  .object({
    ...fields,
    token: z.string().meta({ description: 'On this answer only' }),
    signature: z.string().nullable(),
    link: mintedLink.nullable().meta({ description: 'The short link, where one was asked for' }),
  })
  .meta({ id: 'CreatedInvitationResponse' });

export const invitationBulkResponse = z
  .array(
    z.object({
      status: z.enum(['ok', 'error']),
      invitation: createdInvitationResponse.optional(),
      error: z.string().optional(),
      code: z.string().optional(),
      errors: z.record(z.string(), z.array(z.string())).optional(),
    }),
  )
  .meta({ id: 'InvitationBulkResponse' });

const choice = z.enum(['true', 'false']).optional();

/** The id of an entity, as a filter. */
export const entityId = text(255).refine((id) => id.trim() !== '', { error: 'must not be empty' });

/** The type of an entity, as a filter; the id stands in a field of its own. */
export function entityTypeOf(idField: string) {
  return z
    .string()
    .regex(entityTypePattern, { error: 'must be lower-case letters, digits and underscores' })
    .optional()
    .meta({ description: `Of \`${idField}\``, default: userType });
}

/** For `refine`: a type without an id would filter nothing, and nobody would notice. */
export function hasIdOfType<Type extends string, Id extends string>(
  type: Type,
  id: Id,
): [check: (query: Partial<Record<Type | Id, unknown>>) => boolean, { path: [Id]; error: string }] {
  return [
    (query) => query[type] === undefined || query[id] !== undefined,
    { path: [id], error: `is required beside ${type}` },
  ];
}

export const invitationQuery = z
  .strictObject({
    ...pageQuery(50),
    status: z.enum(invitationStatuses).optional(),
    expired: choice.meta({
      type: 'boolean',
      enum: undefined,
      description: 'Whether the end has passed',
    }),
    archived: z.enum(['without', 'with', 'only']).optional().meta({ default: 'without' }),
    owner_type: entityTypeOf('owner_id'),
    owner_id: entityId.optional(),
    email: text(320).optional().meta({ description: 'An address that they are bound to' }),
    search: text(200).optional().meta({ description: 'A part of the name or the description' }),
  })
  .refine(...hasIdOfType('owner_type', 'owner_id'));

export function toListInvitationsInput(
  query: z.output<typeof invitationQuery>,
): ListInvitationsInput {
  const { owner_type: type, owner_id: id, expired, ...rest } = query;
  return {
    ...rest,
    ...(expired !== undefined && { expired: expired === 'true' }),
    ...(id !== undefined && { owner: { type: type ?? userType, id } }),
  };
}

export function toInvitationInput(body: z.output<typeof invitationParams>): CreateInvitationInput {
  const { expires_at: expiresAt, expires_in: expiresIn, owner, token, sign, link, ...rest } = body;
  return {
    ...toInvitationChanges(rest),
    expiresAt,
    expiresIn,
    owner,
    token,
    sign,
    emails: body.emails,
    emailDomains: body.email_domains,
    verifiedEmail: body.verified_email,
    link: link && toLinkInput(link),
  };
}

export function toInvitationChanges(
  body: z.output<typeof invitationUpdateParams>,
): InvitationChanges {
  const { name, description, attributes, uses_max: usesMax } = body;
  return { name, description, attributes, usesMax };
}

export function toInvitationResponse(invitation: Invitation): z.input<typeof invitationResponse> {
  return {
    id: invitation.id,
    token_prefix: invitation.tokenPrefix,
    signed: invitation.signed,
    name: invitation.name,
    description: invitation.description,
    attributes: { ...invitation.attributes },
    status: invitation.status,
    expires_at: invitation.expiresAt?.toISOString() ?? null,
    uses: invitation.uses,
    uses_max: invitation.usesMax,
    emails: [...invitation.emails],
    email_domains: [...invitation.emailDomains],
    verified_email: invitation.verifiedEmail,
    owner:
      invitation.owner === null
        ? null
        : { type: invitation.owner.type, id: invitation.owner.id ?? null },
    link_id: invitation.linkId,
    archived_at: invitation.archivedAt?.toISOString() ?? null,
    inserted_at: invitation.createdAt.toISOString(),
    updated_at: invitation.updatedAt.toISOString(),
  };
}

export function toCreatedInvitationResponse(
  invitation: CreatedInvitation,
  scheme: 'http' | 'https' | undefined,
): z.input<typeof createdInvitationResponse> {
  return {
    ...toInvitationResponse(invitation),
    token: invitation.token,
    signature: invitation.signature ?? null,
    link: toMintedLink(invitation.link, scheme),
  };
}

export function toBulkItem(
  answer:
    | { readonly ok: true; readonly value: CreatedInvitation }
    | {
        readonly ok: false;
        readonly code: string;
        readonly message: string;
        readonly errors?: Readonly<Record<string, readonly string[]>>;
      },
  scheme: 'http' | 'https' | undefined,
): z.input<typeof invitationBulkResponse>[number] {
  if (answer.ok)
    return { status: 'ok', invitation: toCreatedInvitationResponse(answer.value, scheme) };
  const { code, message, errors } = answer;
  return {
    status: 'error',
    error: message,
    code,
    ...given({ errors: errors && wireErrors(errors) }),
  };
}

/** The names of fields as the wire has them. */
export function wireErrors(
  errors: Readonly<Record<string, readonly string[]>>,
): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, messages]) => [
      field.replace(/^(?:link\.)?[a-z]+[A-Z]\w*/, (name) =>
        name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      ),
      [...messages],
    ]),
  );
}
