import type * as z from 'zod';

import type { Call, Ground, MemberCall, SignedInCall } from './ground.ts';
import type { Role } from './role.ts';
import type { SignInAnswer, SignInRefusal } from './sign-in-answer.ts';

type Answered = Promise<SignInAnswer | SignInRefusal>;

interface Described<Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `{base}/auth`, with `{id}` for a UUID. */
  readonly path: string;
  readonly body?: Body;
}

/** One operation of sign-in, by who may ask for it. */
export type SignInRoute = Described<z.ZodType> &
  (
    | { readonly asker: 'anybody'; handle(ground: Ground, call: Call<never>): Answered }
    | { readonly asker: 'signed-in'; handle(ground: Ground, call: SignedInCall<never>): Answered }
    | {
        readonly asker: 'member';
        /** The least that the member has to be. */
        readonly role: Role;
        handle(ground: Ground, call: MemberCall<never>): Answered;
      }
  );

export function forAnybody<Body extends z.ZodType>(
  route: Described<Body> & { handle(ground: Ground, call: Call<z.output<Body>>): Answered },
): SignInRoute {
  return { ...route, asker: 'anybody' };
}

export function forSignedIn<Body extends z.ZodType>(
  route: Described<Body> & { handle(ground: Ground, call: SignedInCall<z.output<Body>>): Answered },
): SignInRoute {
  return { ...route, asker: 'signed-in' };
}

/** Of the workspace that the request names, or of the asker's first. */
export function forMember<Body extends z.ZodType>(
  route: Described<Body> & {
    readonly role: Role;
    handle(ground: Ground, call: MemberCall<z.output<Body>>): Answered;
  },
): SignInRoute {
  return { ...route, asker: 'member' };
}
