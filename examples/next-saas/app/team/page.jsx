// Where a team invites: behind a sign-in, in a real product.
import { orThrow } from 'headwater';
import { revalidatePath } from 'next/cache';
import { connection } from 'next/server';

import { openHeadwater, origin } from '../../headwater.js';

async function invite(form) {
  'use server';
  const hw = await openHeadwater();
  const role = form.get('role') === 'editor' ? 'editor' : 'reader';
  orThrow(
    await hw.invitations.create({
      name: `Join as ${role}`,
      attributes: { role },
      usesMax: 1,
      link: { domain: new URL(origin).host, url: `${origin}/signup` },
    }),
  );
  revalidatePath('/team');
}

export default async function Team() {
  // A build has no database to ask.
  await connection();
  const hw = await openHeadwater();
  const { links } = orThrow(await hw.links.list());
  return (
    <>
      <h1>Your team</h1>
      <form action={invite}>
        <select name="role" aria-label="Role">
          <option>reader</option>
          <option>editor</option>
        </select>
        <button>Invite</button>
      </form>
      <ul>
        {links.map((link) => (
          <li key={link.id}>
            <a href={hw.links.shortUrl(link)}>{hw.links.shortUrl(link)}</a>
          </li>
        ))}
      </ul>
    </>
  );
}
