import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { metadataProblem } from '../links/link.ts';

/** `disabled`: earns nothing for now, and their links lead nowhere. `archived`: for good; the key is free again. */
export const partnerStatuses = ['active', 'disabled', 'archived'] as const;
export type PartnerStatus = (typeof partnerStatuses)[number];

/** Who earns on referral links. */
export interface Partner {
  readonly workspaceId: string;
  readonly id: string;
  /** What `?via=` and `?ref=` name them by. It never changes. */
  readonly key: string;
  readonly name: string;
  readonly status: PartnerStatus;
  /** The host's own id of them: that of their user account, where they have one. */
  readonly externalId: string | null;
  readonly email: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** By whose rules they earn; without one they earn nothing. */
  readonly programId: string | null;
  /** Rules of the programme may be for one group alone. */
  readonly group: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

/** What may be changed of a partner; `null` empties a field. */
export interface PartnerFields {
  readonly name?: string | undefined;
  readonly status?: PartnerStatus | undefined;
  readonly externalId?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly programId?: string | null | undefined;
  readonly group?: string | null | undefined;
}

/** As GoodAnalytics has it. */
const keyPattern = /^[A-Za-z0-9_-]{1,255}$/;
const lengthMax = 255;
export const groupPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

type Report = (field: string, problem: string | undefined) => void;

export function partnerKeyProblem(key: unknown): string | undefined {
  return typeof key === 'string' && keyPattern.test(key)
    ? undefined
    : 'must have 1 to 255 letters, digits, - or _';
}

/** What is wrong with the given fields, of a caller without types too. */
export function checkPartnerFields(fields: PartnerFields, report: Report): void {
  const { name, status, externalId, email, metadata, programId, group } = fields;
  if (name !== undefined) report('name', shortTextProblem(name));
  if (status !== undefined && !partnerStatuses.includes(status))
    report('status', `must be one of ${partnerStatuses.join(', ')}`);
  if (externalId != null) report('externalId', shortTextProblem(externalId));
  if (email != null)
    report(
      'email',
      /^[^\s@]+@[^\s@]+$/.test(email) ? shortTextProblem(email) : 'must be an address',
    );
  if (metadata != null) report('metadata', metadataProblem(metadata));
  if (programId != null && !isUuid(programId)) report('programId', 'must be a UUID');
  if (group != null && !groupPattern.test(group))
    report('group', 'must have 1 to 63 lower-case letters, digits, - or _');
}

function shortTextProblem(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.trim() === '' || text.length > lengthMax)
    return `must have 1 to ${lengthMax} characters`;
  return textProblem(text);
}

/** Coupons are the same however they are typed. */
export function normaliseCoupon(code: string): string {
  return code.trim().toUpperCase();
}

/** Codes of shops have dots and signs; what has a space or a control character is none. */
export function couponProblem(code: unknown): string | undefined {
  if (typeof code !== 'string' || !/^[^\s\p{C}]{1,64}$/u.test(code.trim()))
    return 'must have 1 to 64 characters without spaces';
  return textProblem(code);
}
