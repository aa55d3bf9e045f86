import type pg from 'pg';

export type TaskRun = { readonly task: string; readonly lastSuccessSeconds: number };

/**
 * When each scheduled task last succeeded on any node (Unix time), from pg-boss's record, which goes
 * back seven days. Empty before the first worker has started.
 */
export async function lastTaskRuns(client: Pick<pg.Pool, 'query'>): Promise<TaskRun[]> {
  const found = await client.query<{ is: boolean }>(
    `select to_regclass('pgboss.job') is not null as is`,
  );
  if (found.rows[0]?.is !== true) return [];
  const { rows } = await client.query<TaskRun>(
    `select schedule.name as task, extract(epoch from last.completed_on)::float8 as "lastSuccessSeconds"
     from pgboss.schedule
     cross join lateral (
       select completed_on from pgboss.job
       where job.name = schedule.name and completed_on is not null and state = 'completed'
       order by completed_on desc limit 1
     ) last`,
  );
  return rows;
}
