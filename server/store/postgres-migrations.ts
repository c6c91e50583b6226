import { postgresAdministration } from './administration-migrations.ts';
import { postgresModelRegistry } from './model-registry-migrations.ts';
import { postgresPassageModels } from './passage-model-migrations.ts';
import { postgresPolicies } from './policy-migrations.ts';

/** One step of the schema, both ways. Steps that were released are never changed. */
export interface PostgresMigration {
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

/** Parts of the passages: an owner's are in one of them, so that a search reads near to nothing of others. */
const PASSAGE_PARTS = 16;

/** Ids are compared byte by byte, as SQLite does. */
const ID = 'text collate "C"';

/** The user in whose name the transaction runs; null while none is set, which equals nothing. */
const CURRENT_USER = `(select nullif(current_setting('app.user', true), ''))`;

/** Tables whose rows belong to a user: closed by the database itself, whatever a query forgets. */
const OWNED = [
  'recordings',
  'revisions',
  'segments',
  'notes',
  'actions',
  'passage_indexes',
  'passages',
  'outbox',
];

const closed = (table: string, column: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy own_rows on ${table} to speakr_app
    using (${column} = ${CURRENT_USER}) with check (${column} = ${CURRENT_USER});
  grant select, insert, update, delete on ${table} to speakr_app;
`;

/** What a reader of a shared recording sees of it, and the column that holds the recording's id. */
const READABLE_WHEN_SHARED = [
  ['recordings', 'id'],
  ['revisions', 'recording_id'],
  ['segments', 'recording_id'],
  ['notes', 'recording_id'],
  ['actions', 'recording_id'],
] as const;

const isShared = (table: string, column: string) => `exists (
  select from shares where shares.user_id = ${table}.user_id
    and shares.recording_id = ${table}.${column} and shares.shared_with = ${CURRENT_USER}
)`;

/** Step n brings the database from version n to n + 1. */
export const postgresMigrations: readonly PostgresMigration[] = [
  {
    name: 'first tables',
    up: `
      create table users (
        id ${ID} primary key,
        wrapped_key bytea not null,
        created_at bigint not null
      );

      create table recordings (
        user_id ${ID} not null references users (id),
        id ${ID} not null,
        wrapped_key bytea not null,
        state text not null,
        mode text not null,
        language text not null,
        model text not null,
        started_at bigint not null,
        created_at bigint not null,
        updated_at bigint not null,
        cancelled_at bigint,
        duration_ms bigint not null,
        revision integer not null,
        failure text,
        receipt text not null,
        details bytea not null,
        template_text bytea,
        primary key (user_id, id)
      );
      create index recordings_by_start on recordings (user_id, started_at, id);

      create table revisions (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        revision integer not null,
        origin text not null,
        complete integer not null,
        language text not null,
        model text not null,
        created_at bigint not null,
        segments integer not null,
        primary key (user_id, recording_id, revision),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );

      create table segments (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        revision integer not null,
        id ${ID} not null,
        track integer not null,
        start_ms bigint not null,
        end_ms bigint not null,
        content bytea not null,
        primary key (user_id, recording_id, revision, id),
        foreign key (user_id, recording_id, revision)
          references revisions (user_id, recording_id, revision) on delete cascade
      );

      create table notes (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        content bytea not null,
        primary key (user_id, recording_id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );

      create table actions (
        user_id ${ID} not null,
        id ${ID} not null,
        recording_id ${ID} not null,
        position integer not null,
        done integer not null,
        mark text not null,
        content bytea not null,
        primary key (user_id, id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );
      create index actions_by_recording on actions (user_id, recording_id);

      create table passage_indexes (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        revision integer not null,
        model text not null,
        dimensions integer not null,
        passages integer not null,
        end_ms bigint not null,
        segments integer not null,
        primary key (user_id, recording_id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );

      create table passages (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        position integer not null,
        start_ms bigint not null,
        end_ms bigint not null,
        vector halfvec not null,
        terms bigint[] not null,
        content bytea not null,
        primary key (user_id, recording_id, position),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) partition by hash (user_id);
      ${Array.from(
        { length: PASSAGE_PARTS },
        (_, part) =>
          `create table passages_${part} partition of passages
             for values with (modulus ${PASSAGE_PARTS}, remainder ${part});`,
      ).join('\n')}

      create table outbox (
        seq bigint generated always as identity primary key,
        id ${ID} not null unique,
        user_id ${ID} not null,
        recording_id ${ID},
        type text not null,
        message text not null,
        created_at bigint not null
      );
      create index outbox_by_recording on outbox (user_id, recording_id);

      ${closed('users', 'id')}
      ${OWNED.map((table) => closed(table, 'user_id')).join('\n')}

      create policy pass_on on outbox to speakr_worker using (true);
      grant select, update, delete on outbox to speakr_worker;
      create policy know_all on users for select to speakr_worker using (true);
      grant select (id, created_at) on users to speakr_worker;
    `,
    down: `
      drop table outbox;
      drop table passages;
      drop table passage_indexes;
      drop table actions;
      drop table notes;
      drop table segments;
      drop table revisions;
      drop table recordings;
      drop table users;
    `,
  },
  {
    name: 'vocabularies',
    up: `
      create table vocabularies (
        user_id ${ID} primary key references users (id),
        content bytea not null
      );
      ${closed('vocabularies', 'user_id')}
    `,
    down: `
      drop table vocabularies;
    `,
  },
  {
    name: 'sharing',
    up: `
      create table shares (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        shared_with ${ID} not null,
        wrapped_key bytea not null,
        created_at bigint not null,
        primary key (user_id, recording_id, shared_with),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );
      create index shares_by_reader on shares (shared_with);
      ${closed('shares', 'user_id')}
      create policy shared_with_me on shares for select to speakr_app using (shared_with = ${CURRENT_USER});

      create table audit_log (
        seq bigint generated always as identity primary key,
        user_id ${ID} not null,
        at bigint not null,
        actor ${ID} not null,
        action text not null,
        recording_id ${ID} not null,
        subject ${ID}
      );
      create index audit_log_by_recording on audit_log (user_id, recording_id, seq);
      alter table audit_log enable row level security;
      alter table audit_log force row level security;
      create policy own_rows on audit_log for select to speakr_app using (user_id = ${CURRENT_USER});
      create policy as_oneself on audit_log for insert to speakr_app with check (
        actor = ${CURRENT_USER} and (user_id = ${CURRENT_USER} or ${isShared('audit_log', 'recording_id')})
      );
      grant select, insert on audit_log to speakr_app;

      ${READABLE_WHEN_SHARED.map(
        ([table, column]) => `
          create policy shared_with_me on ${table} for select to speakr_app using (${isShared(table, column)});`,
      ).join('\n')}
    `,
    down: `
      ${READABLE_WHEN_SHARED.map(([table]) => `drop policy shared_with_me on ${table};`).join('\n')}
      drop table audit_log;
      drop table shares;
    `,
  },
  {
    name: 'leases of revisions',
    up: `
      alter table revisions
        add column lease integer not null default 0,
        add column lease_holder text not null default '';
    `,
    down: 'alter table revisions drop column lease, drop column lease_holder;',
  },
  {
    name: 'API keys',
    up: `
      create table api_keys (
        user_id ${ID} not null references users (id),
        id ${ID} not null unique,
        name bytea not null,
        scopes text not null,
        secret_hash bytea not null,
        created_at bigint not null,
        expires_at bigint not null,
        revoked_at bigint,
        used_at bigint,
        primary key (user_id, id)
      );
      ${closed('api_keys', 'user_id')}
      create policy of_this_id on api_keys for select to speakr_app
        using (id = (select nullif(current_setting('app.key', true), '')));
    `,
    down: 'drop table api_keys;',
  },
  {
    name: 'limits',
    // Not logged: after a crash of the database every bucket is full and every place free.
    up: `
      create unlogged table session_slots (
        user_id ${ID} not null,
        recording_id ${ID} not null,
        holder text not null,
        until bigint not null,
        primary key (user_id, recording_id)
      );
      ${closed('session_slots', 'user_id')}

      create unlogged table rate_buckets (
        key ${ID} primary key,
        tokens double precision not null,
        at double precision not null
      );
      create index rate_buckets_by_time on rate_buckets (at);
      grant select, insert, update, delete on rate_buckets to speakr_app;

      create function take_tokens(bucket text, wanted integer, burst double precision, per_ms double precision)
        returns table (taken integer, left_over double precision)
        language plpgsql
      as $$
      declare
        level double precision;
        since double precision;
        now_ms double precision;
      begin
        insert into rate_buckets (key, tokens, at)
          values (bucket, burst, extract(epoch from clock_timestamp()) * 1000)
          on conflict (key) do nothing;
        select b.tokens, b.at into level, since from rate_buckets b where b.key = bucket for update;
        -- Only now: others may have been waited for.
        now_ms := extract(epoch from clock_timestamp()) * 1000;
        level := least(burst, coalesce(level, burst) + greatest(0, now_ms - coalesce(since, now_ms)) * per_ms);
        taken := least(wanted, floor(level))::integer;
        left_over := level - taken;
        update rate_buckets b set tokens = left_over, at = greatest(now_ms, b.at) where b.key = bucket;
        return next;
      end
      $$;
    `,
    down: `
      drop function take_tokens;
      drop table rate_buckets;
      drop table session_slots;
    `,
  },
  {
    name: 'jobs',
    up: `
      create table jobs (
        user_id ${ID} not null,
        id ${ID} not null,
        recording_id ${ID} not null,
        kind text not null,
        state text not null,
        message_id ${ID} not null,
        message_type text not null,
        message_data text not null,
        progress integer,
        cancel_requested integer not null,
        attempts text not null,
        failure text,
        created_at bigint not null,
        updated_at bigint not null,
        ended_at bigint,
        primary key (user_id, id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      );
      create unique index jobs_by_message on jobs (user_id, message_id, kind);
      create index jobs_by_recording on jobs (user_id, recording_id, kind);
      ${closed('jobs', 'user_id')}
    `,
    down: 'drop table jobs;',
  },
  {
    name: 'kept replies',
    up: `
      create table kept_replies (
        user_id ${ID} not null references users (id),
        key ${ID} not null,
        fingerprint text not null,
        status integer,
        body bytea,
        created_at bigint not null,
        primary key (user_id, key)
      );
      ${closed('kept_replies', 'user_id')}
    `,
    down: 'drop table kept_replies;',
  },
  {
    name: 'uploads',
    up: `
      create table uploads (
        user_id ${ID} not null references users (id),
        id ${ID} not null,
        recording_id ${ID} not null,
        state text not null,
        wrapped_key bytea not null,
        details bytea not null,
        created_at bigint not null,
        expires_at bigint not null,
        primary key (user_id, id)
      );

      create table upload_parts (
        user_id ${ID} not null,
        upload_id ${ID} not null,
        part integer not null,
        bytes bigint not null,
        object text not null,
        digest text not null,
        primary key (user_id, upload_id, part),
        foreign key (user_id, upload_id) references uploads (user_id, id) on delete cascade
      );
      ${closed('uploads', 'user_id')}
      ${closed('upload_parts', 'user_id')}
    `,
    down: `
      drop table upload_parts;
      drop table uploads;
    `,
  },
  {
    name: 'audit log that can only grow',
    up: `
      alter table audit_log add column salt bytea, add column erased_by bigint;

      create table audit_seals (
        number bigint primary key,
        sealed_at bigint not null,
        ranges text not null,
        waiting text not null,
        digests bytea not null,
        hash bytea not null
      );

      create function audit_log_grows() returns trigger language plpgsql as $$
      begin
        -- Of an entry about a user who was erased it stays that there was one.
        if tg_op = 'UPDATE' and tg_table_name = 'audit_log' then
          if old.erased_by is null and new.erased_by is not null
            and new.seq = old.seq and new.at = old.at and new.action = old.action
            and new.user_id = '' and new.actor = '' and new.recording_id = ''
            and new.subject is null and new.salt is null
          then
            return new;
          end if;
        end if;
        raise exception 'the audit log only grows' using errcode = 'insufficient_privilege';
      end
      $$;
      create trigger only_grows before update or delete on audit_log
        for each row execute function audit_log_grows();
      create trigger never_emptied before truncate on audit_log
        for each statement execute function audit_log_grows();
      create trigger only_grows before update or delete on audit_seals
        for each row execute function audit_log_grows();
      create trigger never_emptied before truncate on audit_seals
        for each statement execute function audit_log_grows();

      create policy append_all on audit_log for insert to speakr_worker with check (true);
      create policy read_all on audit_log for select to speakr_worker using (true);
      grant select, insert on audit_log to speakr_worker;
      grant select, insert on audit_seals to speakr_worker;

      create policy erase_own on audit_log to current_user
        using (user_id = ${CURRENT_USER} or user_id = '') with check (user_id = '');
      create function erase_audit_log(now_ms bigint) returns bigint
        language plpgsql security definer set search_path = speakr, pg_temp
      as $$
      declare
        me text := nullif(current_setting('app.user', true), '');
        entries bigint;
        erasure bigint;
      begin
        select count(*) into entries from audit_log where user_id = me;
        if entries = 0 then
          return 0;
        end if;
        insert into audit_log (user_id, at, actor, action, recording_id, subject)
          values ('', now_ms, '', 'account.erased', '', entries::text)
          returning seq into erasure;
        update audit_log
          set user_id = '', actor = '', recording_id = '', subject = null, salt = null, erased_by = erasure
          where user_id = me;
        return entries;
      end
      $$;
      revoke all on function erase_audit_log from public;
      grant execute on function erase_audit_log to speakr_app;

      create policy give_up_access on shares for delete to speakr_app using (shared_with = ${CURRENT_USER});
    `,
    down: `
      drop policy give_up_access on shares;
      drop function erase_audit_log;
      drop policy erase_own on audit_log;
      drop policy append_all on audit_log;
      drop policy read_all on audit_log;
      revoke all on audit_log from speakr_worker;
      drop table audit_seals;
      drop trigger only_grows on audit_log;
      drop trigger never_emptied on audit_log;
      drop function audit_log_grows;
      alter table audit_log drop column salt, drop column erased_by;
    `,
  },
  postgresAdministration(ID, CURRENT_USER),
  postgresModelRegistry(ID),
  postgresPassageModels(ID),
  postgresPolicies(ID),
];
