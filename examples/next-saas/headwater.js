// One database for the product and for Headwater, so that an account and its invitation commit together or not at all.
import { PGlite } from '@electric-sql/pglite';
import { createHeadwater } from 'headwater';

export const origin = process.env.ORIGIN ?? `http://localhost:${process.env.PORT ?? 3000}`;

/** Next.js loads this file once for each of its bundles; the engine is one for the whole process. */
export function openProduct() {
  globalThis.product ??= open();
  return globalThis.product;
}

export const openHeadwater = async () => (await openProduct()).hw;

async function open() {
  const db = new PGlite('./.database');
  await db.exec('create table if not exists account (id text primary key, email text, role text)');
  const hw = await createHeadwater({
    database: { pglite: db },
    secret: process.env.HEADWATER_SECRET,
    links: { domains: [new URL(origin).host], scheme: new URL(origin).protocol.slice(0, -1) },
  });
  await hw.migrate();
  await hw.start();
  return { db, hw };
}
