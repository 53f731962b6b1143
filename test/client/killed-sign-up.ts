/**
 * An application that dies: it signs a user up in one transaction with the outbox, and is killed either before the
 * commit, before the delivery, or while the server has the request.
 * Arguments: the folder of its database, the tracking endpoint, the user, when it dies.
 */
import { PGlite } from '@electric-sql/pglite';
import { createOutbox } from '@headwater/client';
import { postgresOutbox, postgresOutboxTable } from '@headwater/client/postgres';

const [folder = '', baseUrl = '', userId = '', dies = ''] = process.argv.slice(2);
const database = await PGlite.create(folder);
await database.exec(
  `create table if not exists account (id text primary key); ${postgresOutboxTable()}`,
);
const store = postgresOutbox(database);
const outbox = createOutbox({ apiKey: 'key', project: 'shop', baseUrl, store });

await database.transaction(async (tx) => {
  await tx.query('insert into account values ($1)', [userId]);
  await outbox.enqueue(tx, { eventType: 'user_registered', userId });
  if (dies === 'before the commit') process.kill(process.pid, 'SIGKILL');
});
if (dies === 'before the delivery') process.kill(process.pid, 'SIGKILL');
await outbox.drain();
