import { post } from './post.ts';

export interface ReferralOptions {
  /** Where Headwater is: `/hw`, or its whole address on another site. */
  endpoint: string;
  /** The publishable key, where the page is on another site. */
  key?: string | undefined;
  /** Fields that get the code, unless somebody has filled them. @default '[data-hw-referral-code]' */
  fields?: string | undefined;
}

/** With what somebody came, as the server says: what is not ours, or not good any more, is not there. */
export interface Referral {
  /** The referral code. */
  readonly code: string | undefined;
  /** Whether they have an invitation that lets them in. */
  readonly isInvited: boolean;
  /** The name of that invitation, where it has one. */
  readonly invitation: string | undefined;
  /** To be called when somebody has signed up: the next account on the device is somebody else's. */
  used(): Promise<void>;
}

const patienceMilliseconds = 5_000;

/**
 * Reads `?ref=`, `?via=` and `?invitation_token=` of the page, has the server check them, and keeps what is good in a
 * cookie of the server, for 90 days. On later pages the cookie says it again.
 *
 * @returns `undefined` where the server cannot be asked.
 * @example
 * const referral = await readReferral({ endpoint: '/hw' });
 * if (referral?.code) showGift(referral.code);
 */
export async function readReferral(options: ReferralOptions): Promise<Referral | undefined> {
  const { endpoint, key, fields = '[data-hw-referral-code]' } = options;
  const query = key === undefined ? '' : `?key=${encodeURIComponent(key)}`;
  const url = `${endpoint.replace(/\/$/, '')}/t/landing${query}`;
  try {
    const answer = await ask(url, { url: location.href });
    const code = answer.code ?? undefined;
    if (code !== undefined) fill(fields, code);
    return {
      code,
      isInvited: answer.invitation?.valid === true,
      invitation: answer.invitation?.name ?? undefined,
      async used() {
        await ask(url, { used: true }).catch(() => undefined);
      },
    };
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly code?: string | null;
  readonly invitation?: { readonly valid: boolean; readonly name?: string | null } | null;
}

async function ask(url: string, body: object): Promise<Answer> {
  const response = await post(url, JSON.stringify(body), patienceMilliseconds);
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()) as Answer;
}

function fill(selector: string, code: string): void {
  for (const field of document.querySelectorAll<HTMLInputElement>(selector)) {
    if (field.value !== '') continue;
    field.value = code;
    // Frameworks keep a value of their own, and hear of this one by its event.
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}
