import { headers } from 'next/headers';

import { openHeadwater } from '../../headwater.js';

export default async function SignUp() {
  // Written by the proxy, which lets nobody through without one.
  const id = (await headers()).get('x-invitation');
  const hw = await openHeadwater();
  const invitation = await hw.invitations.get(id);
  return (
    <>
      <h1>Welcome</h1>
      <p>You join as {invitation.attributes.role}.</p>
      <form method="post" action="/signup/account">
        <input name="email" type="email" aria-label="Email" required />
        <button>Sign up</button>
      </form>
    </>
  );
}
