/**
 * What those who run the server look at: counters of jobs, so that nobody counts a million rows while a page waits, and
 * heartbeats of processes.
 */

/** No upsert: in a trigger the conflict clause of the statement that fires it would win. */
const COUNT_NEW = `
      insert into job_counts select new.user_id, new.kind, new.state, 0 where not exists (
        select 1 from job_counts where user_id = new.user_id and kind = new.kind and state = new.state
      );
      update job_counts set jobs = jobs + 1
        where user_id = new.user_id and kind = new.kind and state = new.state;`;

/** A job counts for its owner: transactions of one owner run one after the other, so no two wait for a counter. */
export const sqliteAdministration = {
  name: 'administration',
  up: `
    create table job_counts (
      user_id text not null,
      kind text not null,
      state text not null,
      jobs integer not null,
      primary key (user_id, kind, state)
    ) strict;
    insert into job_counts select user_id, kind, state, count(*) from jobs group by user_id, kind, state;
    create trigger job_counted after insert on jobs begin
      ${COUNT_NEW}
    end;
    create trigger job_recounted after update of state on jobs when old.state <> new.state begin
      update job_counts set jobs = jobs - 1
        where user_id = old.user_id and kind = old.kind and state = old.state;
      ${COUNT_NEW}
      delete from job_counts where user_id = old.user_id and jobs = 0;
    end;
    create trigger job_discounted after delete on jobs begin
      update job_counts set jobs = jobs - 1
        where user_id = old.user_id and kind = old.kind and state = old.state;
      delete from job_counts where user_id = old.user_id and jobs = 0;
    end;
    create index jobs_by_end on jobs (kind, ended_at) where state = 'succeeded';
    create index jobs_open on jobs (created_at) where ended_at is null;
  `,
  down: `
    drop index jobs_open;
    drop index jobs_by_end;
    drop trigger job_discounted;
    drop trigger job_recounted;
    drop trigger job_counted;
    drop table job_counts;
  `,
} as const;

/** Row-level security hides rows from the owner of the tables too: it is lifted while they are counted. */
const counted = `
  alter table jobs no force row level security;
  insert into job_counts select user_id, kind, state, count(*) from jobs group by user_id, kind, state;
  alter table jobs force row level security;
`;

/** Columns without a word of what was said or named, for the role that serves administrators. */
const visible = {
  recordings: 'user_id, id, state, duration_ms, started_at, cancelled_at',
  jobs: 'user_id, kind, state, attempts, created_at, ended_at',
  job_counts: 'user_id, kind, state, jobs',
  audit_log: 'seq, user_id, at, actor, action, recording_id, subject',
  session_slots: 'user_id, until',
} as const;

/**
 * @param id type of ids
 * @param currentUser the user in whose name a transaction runs
 */
export const postgresAdministration = (id: string, currentUser: string) => ({
  name: 'administration',
  up: `
    create table job_counts (
      user_id ${id} not null,
      kind text not null,
      state text not null,
      jobs bigint not null,
      primary key (user_id, kind, state)
    );
    ${counted}
    alter table job_counts enable row level security;
    create policy own_rows on job_counts for select to speakr_app using (user_id = ${currentUser});
    grant select on job_counts to speakr_app;

    -- As the owner of the tables: a cascade runs as that one too, and nobody else changes a counter.
    create function count_job() returns trigger language plpgsql
      security definer set search_path = speakr, pg_temp
    as $$
    begin
      if tg_op <> 'INSERT' then
        update job_counts set jobs = jobs - 1
          where user_id = old.user_id and kind = old.kind and state = old.state;
        delete from job_counts
          where user_id = old.user_id and kind = old.kind and state = old.state and jobs = 0;
      end if;
      if tg_op <> 'DELETE' then
        insert into job_counts values (new.user_id, new.kind, new.state, 1)
          on conflict (user_id, kind, state) do update set jobs = job_counts.jobs + 1;
      end if;
      return null;
    end $$;
    create trigger job_counted after insert or delete on jobs for each row execute function count_job();
    create trigger job_recounted after update of state on jobs for each row
      when (old.state <> new.state) execute function count_job();
    create index jobs_by_end on jobs (kind, ended_at) where state = 'succeeded';
    create index jobs_open on jobs (created_at) where ended_at is null;
    create index audit_log_by_user on audit_log (user_id, seq);

    create table processes (
      id ${id} primary key,
      roles text not null,
      version text not null,
      started_at bigint not null,
      seen_at bigint not null,
      report text not null
    );
    grant select, insert, update, delete on processes to speakr_worker;

    ${Object.entries(visible)
      .map(
        ([table, columns]) => `
      create policy administer on ${table} for select to speakr_worker using (true);
      grant select (${columns}) on ${table} to speakr_worker;`,
      )
      .join('\n')}
  `,
  down: `
    ${Object.entries(visible)
      .map(
        ([table, columns]) => `
      revoke select (${columns}) on ${table} from speakr_worker;
      drop policy administer on ${table};`,
      )
      .join('\n')}
    drop table processes;
    drop index audit_log_by_user;
    drop index jobs_open;
    drop index jobs_by_end;
    drop trigger job_recounted on jobs;
    drop trigger job_counted on jobs;
    drop function count_job;
    drop table job_counts;
  `,
});
