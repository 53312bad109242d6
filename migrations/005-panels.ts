import { sql, type Kysely } from 'kysely'

/** What the dashboard's panels ask for all the time: what needs a person, and what came out lately. */
export async function panels(db: Kysely<unknown>) {
  await sql`create index prompts_attention on prompts (id) where attention is not null`.execute(db)
  await sql`create index prompts_ended on prompts (ended_at, state) where ended_at is not null`.execute(db)
  await sql`create index prompts_running on prompts (started_at, id)
    where state in ('assigned', 'in_progress', 'restarting')`.execute(db)
}
