/** A code that people tell one another. */
export interface ReferralCode {
  readonly workspaceId: string;
  readonly id: string;
  /** In upper case; people may type it as they like. */
  readonly code: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly uses: number;
  readonly usesMax: number;
  /** `null`: never. */
  readonly expiresAt: Date | null;
  /** External ids of users; `undefined` once the person was forgotten, `null` where there is none. */
  readonly creatorId: string | null | undefined;
  /** Who is referred to have sent those who redeem it. */
  readonly beneficiaryId: string | null | undefined;
  /** The short link that was minted with it. */
  readonly linkId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

export type CodeState = 'valid' | 'inactive' | 'expired' | 'exhausted';

/** Why a code lets nobody in, the first reason that holds; an expiry that is now has passed. */
export function codeState(
  code: Pick<ReferralCode, 'active' | 'expiresAt' | 'uses' | 'usesMax'>,
  now: number,
): CodeState {
  if (!code.active) return 'inactive';
  if (code.expiresAt !== null && code.expiresAt.getTime() <= now) return 'expired';
  return code.uses >= code.usesMax ? 'exhausted' : 'valid';
}

/**
 * No 0, O, 1 and I, which people mistake for each other.
 * @public
 */
export const codeAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const codeLength = 5;
const codeLengthMin = 3;
const codeLengthMax = 50;

/** Five letters and digits, or as many as are asked for: of 32, so that every byte counts as much as any other. */
export function generateCode(
  random: (count: number) => Uint8Array = (count) => crypto.getRandomValues(new Uint8Array(count)),
  length = codeLength,
): string {
  return Array.from(random(length), (byte) => codeAlphabet[byte % codeAlphabet.length]).join('');
}

/**
 * The spelling in which codes are stored and compared: trimmed, ASCII letters in upper case. Nothing but ASCII is taken,
 * so that no two systems can disagree about its upper case.
 */
export function normaliseCode(code: string): string {
  return code.trim().replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** What is wrong with a code of the caller's own. */
export function codeProblem(code: unknown): string | undefined {
  if (typeof code !== 'string') return 'must be a text';
  const normal = normaliseCode(code);
  if (normal.length < codeLengthMin || normal.length > codeLengthMax)
    return `must have ${codeLengthMin} to ${codeLengthMax} characters`;
  return /^[A-Z0-9_-]+$/.test(normal)
    ? undefined
    : 'must have letters, digits, hyphens and underscores only';
}
