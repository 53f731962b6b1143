// The account and the use of the invitation: both, or neither.
import { openProduct, origin } from '../../../headwater.js';

export async function POST(request) {
  const { db, hw } = await openProduct();
  const email = (await request.formData()).get('email');
  const invitation = await hw.invitations.get(request.headers.get('x-invitation'));
  const id = crypto.randomUUID();
  const redeemed = await db.transaction(async (tx) => {
    const result = await hw.invitations.redeem(
      invitation,
      {
        entity: ['user', id],
        email,
        anonymousId: /_hw_visitor=([\w-]{22})/.exec(request.headers.get('cookie'))?.[1],
        action: 'registered',
      },
      { tx },
    );
    if (!result.ok) return result;
    const { role } = invitation.attributes;
    await tx.query('insert into account values ($1, $2, $3)', [id, email, role]);
    return result;
  });
  if (!redeemed.ok) return new Response('This invitation cannot be used', { status: 422 });
  const headers = new Headers({ location: `${origin}/account` });
  headers.append('set-cookie', `account=${id}; Path=/; HttpOnly; SameSite=Lax`);
  headers.append(...(await hw.referrals.forgetLanding(origin.startsWith('https:'))));
  return new Response(null, { status: 303, headers });
}
