import { findJsonProblem, textProblem as unstorable } from '../kernel/json-limits.ts';
import { normaliseHost } from '../kernel/url.ts';
import type { StoredEntity } from './entity.ts';

/** `active` lets in; the others let nobody in. Only `paused` can be active again. */
export const invitationStatuses = ['active', 'paused', 'revoked', 'declined'] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

/** A token that lets somebody in. */
export interface Invitation {
  readonly workspaceId: string;
  readonly id: string;
  /** On what `create` and `renew` answered, and on what is made of that; nobody can read it later. */
  readonly token?: string | undefined;
  /** Its signature, where it is signed and the token is known. */
  readonly signature?: string | undefined;
  /** The first characters of the token, to tell invitations apart. */
  readonly tokenPrefix: string;
  /** Whether the token is good with its signature only. */
  readonly signed: boolean;
  readonly name: string | null;
  readonly description: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: InvitationStatus;
  /** From this moment on it lets nobody in; `null`: never. */
  readonly expiresAt: Date | null;
  /** Seats that are taken. */
  readonly uses: number;
  /** `null`: as many as come. */
  readonly usesMax: number | null;
  /** Whom it is for; empty for everybody. Addresses of people who were forgotten are not shown any more. */
  readonly emails: readonly string[];
  /** Hosts of addresses that it is for. */
  readonly emailDomains: readonly string[];
  /** Whether the address has to be verified. */
  readonly verifiedEmail: boolean;
  /** Who invites. */
  readonly owner: StoredEntity | null;
  /** The short link that was minted with it. */
  readonly linkId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

/** What may be changed. */
export interface InvitationFields {
  readonly name: string | null;
  readonly description: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly usesMax: number | null;
}

export type InvitationState =
  | 'valid'
  | 'archived'
  | 'revoked'
  | 'declined'
  | 'paused'
  | 'expired'
  | 'exhausted';

/** Why an invitation lets nobody in; an expiry that is now has passed. */
export function invitationState(
  invitation: Pick<Invitation, 'archivedAt' | 'status' | 'expiresAt' | 'uses' | 'usesMax'>,
  now: number,
): InvitationState {
  if (invitation.archivedAt !== null) return 'archived';
  if (invitation.status !== 'active') return invitation.status;
  if (invitation.expiresAt !== null && invitation.expiresAt.getTime() <= now) return 'expired';
  const isFull = invitation.usesMax !== null && invitation.uses >= invitation.usesMax;
  return isFull ? 'exhausted' : 'valid';
}

const nameLengthMax = 255;
const descriptionLengthMax = 1_000;
const attributesLengthMax = 16_384;
const usesLimit = 2_147_483_647;

type Report = (field: string, problem: string | undefined) => void;

/** Fields to change: what is absent stays, `null` empties. */
export type InvitationChanges = {
  readonly [Field in keyof InvitationFields]?: InvitationFields[Field] | undefined;
};

/** What is wrong with the fields that are given, by field. Values may be of any type. */
export function checkFields(fields: InvitationChanges, report: Report): void {
  const { name, description, attributes, usesMax } = fields;
  if (name !== undefined && name !== null) report('name', textProblem(name, nameLengthMax));
  if (description !== undefined && description !== null)
    report('description', textProblem(description, descriptionLengthMax));
  if (attributes !== undefined) report('attributes', attributesProblem(attributes));
  if (usesMax !== undefined && usesMax !== null && !isCount(usesMax))
    report('usesMax', 'must be a whole number from 1 on');
}

/** The host of addresses in the form in which they are compared. */
export function readEmailDomain(domain: unknown): string | undefined {
  if (typeof domain !== 'string') return undefined;
  const host = normaliseHost(domain.trim().replace(/^@/, ''));
  return host?.includes('.') === true && !host.includes(':') ? host : undefined;
}

/** Whether an address belongs to one of the hosts. */
export function isOfDomain(email: string, domains: readonly string[]): boolean {
  const host = readEmailDomain(email.slice(email.lastIndexOf('@') + 1));
  return host !== undefined && domains.includes(host);
}

/** What is wrong with JSON that is kept beside a row. */
export function attributesProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be an object';
  const problem = findJsonProblem(value);
  if (problem !== undefined) return problem.message;
  return JSON.stringify(value).length > attributesLengthMax
    ? `must have at most ${attributesLengthMax} characters as JSON`
    : undefined;
}

export function textProblem(value: unknown, lengthMax: number): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (value.trim() === '') return "can't be blank";
  if (value.length > lengthMax) return `must have at most ${lengthMax} characters`;
  return unstorable(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= usesLimit;
}

/** What is wrong with an end that is being set: it has to be later than now. */
export function expiryProblem(expiresAt: unknown, now: number): string | undefined {
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) return 'must be a time';
  if (expiresAt.getUTCFullYear() > 9_999) return 'must be before the year 10000';
  return expiresAt.getTime() > now ? undefined : 'must be in the future';
}
