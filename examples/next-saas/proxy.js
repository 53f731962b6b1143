// In front of the sign-up: who comes with a good invitation goes on, everybody else is told why not.
import { guardInvitation } from 'headwater/web';
import { NextResponse } from 'next/server';

import { openHeadwater, origin } from './headwater.js';

export const config = { matcher: '/signup/:path*' };

export async function proxy(request) {
  const guarded = await guardInvitation(await openHeadwater(), request, { redirectTo: '/' });
  const answer =
    guarded.admitted === undefined
      ? NextResponse.redirect(new URL(guarded.location, origin), 303)
      : goOn(request, guarded.admitted.invitation);
  for (const [name, value] of guarded.headers) answer.headers.append(name, value);
  return answer;
}

function goOn(request, invitation) {
  const headers = new Headers(request.headers);
  headers.set('x-invitation', invitation.id);
  return NextResponse.next({ request: { headers } });
}
