import { orThrow } from 'headwater';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

import { openProduct } from '../../headwater.js';

export default async function Account() {
  const id = (await cookies()).get('account')?.value;
  const { db, hw } = await openProduct();
  const { rows } = await db.query('select email, role from account where id = $1', [id]);
  if (rows.length === 0) redirect('/');
  await hw.events.flush();
  const visitor = await hw.visitors.getByExternalId(id);
  const timeline = orThrow(await hw.visitors.timeline(visitor.id));
  return (
    <>
      <h1>{rows[0].email}</h1>
      <p>Role: {rows[0].role}</p>
      <p>How you came</p>
      <ol>
        {timeline.events.toReversed().map((event) => (
          <li key={event.id}>{event.type}</li>
        ))}
      </ol>
    </>
  );
}
