import type { Db } from './database.ts';

/** What other processes have to learn of, by topic: they forget what they remember of the subject. */
export type ChangeTopic = 'workspace' | 'domain' | 'api_key' | 'link';

export interface Change {
  readonly workspaceId: string;
  readonly id: string;
  readonly topic: ChangeTopic;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

export async function insertChange(db: Db, change: Change): Promise<void> {
  await db
    .insertInto('change')
    .values({
      workspace_id: change.workspaceId,
      id: change.id,
      topic: change.topic,
      subject: JSON.stringify(change.subject),
      created_at: change.at,
    })
    .execute();
}
