import { sqliteAdministration } from './administration-migrations.ts';
import { sqliteModelRegistry } from './model-registry-migrations.ts';
import { sqlitePassageModels, sqlitePassageStamps } from './passage-model-migrations.ts';
import { sqlitePolicies } from './policy-migrations.ts';

/** One step of the schema, both ways. Steps that were released are never changed. */
export interface SqliteMigration {
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

/** Step n brings the database from version n to n + 1. */
export const sqliteMigrations: readonly SqliteMigration[] = [
  {
    name: 'first tables',
    up: `
      create table users (
        id text primary key not null,
        wrapped_key blob not null,
        created_at integer not null
      ) strict;

      create table recordings (
        user_id text not null references users (id),
        id text not null,
        wrapped_key blob not null,
        state text not null,
        mode text not null,
        language text not null,
        model text not null,
        started_at integer not null,
        created_at integer not null,
        updated_at integer not null,
        cancelled_at integer,
        duration_ms integer not null,
        revision integer not null,
        failure text,
        receipt text not null,
        details blob not null,
        template_text blob,
        primary key (user_id, id)
      ) strict;
      create index recordings_by_start on recordings (user_id, started_at, id);

      create table revisions (
        user_id text not null,
        recording_id text not null,
        revision integer not null,
        origin text not null,
        complete integer not null,
        language text not null,
        model text not null,
        created_at integer not null,
        segments integer not null,
        primary key (user_id, recording_id, revision),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict, without rowid;

      create table segments (
        user_id text not null,
        recording_id text not null,
        revision integer not null,
        id text not null,
        track integer not null,
        start_ms integer not null,
        end_ms integer not null,
        content blob not null,
        primary key (user_id, recording_id, revision, id),
        foreign key (user_id, recording_id, revision)
          references revisions (user_id, recording_id, revision) on delete cascade
      ) strict;

      create table notes (
        user_id text not null,
        recording_id text not null,
        content blob not null,
        primary key (user_id, recording_id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;

      create table actions (
        user_id text not null,
        id text not null,
        recording_id text not null,
        position integer not null,
        done integer not null,
        mark text not null,
        content blob not null,
        primary key (user_id, id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;
      create index actions_by_recording on actions (user_id, recording_id);

      create table passage_indexes (
        user_id text not null,
        recording_id text not null,
        revision integer not null,
        model text not null,
        dimensions integer not null,
        passages integer not null,
        end_ms integer not null,
        segments integer not null,
        primary key (user_id, recording_id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict, without rowid;

      create table passage_pages (
        user_id text not null,
        recording_id text not null,
        page integer not null,
        search blob not null,
        texts blob not null,
        primary key (user_id, recording_id, page),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;

      create table outbox (
        seq integer primary key autoincrement,
        id text not null unique,
        user_id text not null,
        recording_id text,
        type text not null,
        message text not null,
        created_at integer not null
      ) strict;
      create index outbox_by_recording on outbox (user_id, recording_id);

      create table consumers (
        name text primary key not null,
        cursor integer not null,
        seen_at integer not null
      ) strict, without rowid;

      create table deliveries (
        consumer text not null,
        seq integer not null references outbox (seq) on delete cascade,
        state text not null check (state in ('waiting', 'leased', 'dead')),
        failures integer not null,
        due_at integer not null,
        lease text,
        lease_until integer not null,
        working integer not null,
        error text,
        primary key (consumer, seq)
      ) strict, without rowid;
      create index deliveries_by_message on deliveries (seq);
    `,
    down: `
      drop table deliveries;
      drop table consumers;
      drop table outbox;
      drop table passage_pages;
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
        user_id text primary key not null references users (id),
        content blob not null
      ) strict, without rowid;
    `,
    down: `
      drop table vocabularies;
    `,
  },
  {
    name: 'sharing',
    up: `
      create table shares (
        user_id text not null,
        recording_id text not null,
        shared_with text not null,
        wrapped_key blob not null,
        created_at integer not null,
        primary key (user_id, recording_id, shared_with),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;
      create index shares_by_reader on shares (shared_with);

      create table audit_log (
        seq integer primary key autoincrement,
        user_id text not null,
        at integer not null,
        actor text not null,
        action text not null,
        recording_id text not null,
        subject text
      ) strict;
      create index audit_log_by_recording on audit_log (user_id, recording_id, seq);
    `,
    down: `
      drop table audit_log;
      drop table shares;
    `,
  },
  {
    name: 'leases of revisions',
    up: `
      alter table revisions add column lease integer not null default 0;
      alter table revisions add column lease_holder text not null default '';
    `,
    down: `
      alter table revisions drop column lease_holder;
      alter table revisions drop column lease;
    `,
  },
  {
    name: 'API keys',
    up: `
      create table api_keys (
        user_id text not null references users (id),
        id text not null unique,
        name blob not null,
        scopes text not null,
        secret_hash blob not null,
        created_at integer not null,
        expires_at integer not null,
        revoked_at integer,
        used_at integer,
        primary key (user_id, id)
      ) strict;
    `,
    down: 'drop table api_keys;',
  },
  {
    name: 'jobs',
    up: `
      create table jobs (
        user_id text not null,
        id text not null,
        recording_id text not null,
        kind text not null,
        state text not null,
        message_id text not null,
        message_type text not null,
        message_data text not null,
        progress integer,
        cancel_requested integer not null,
        attempts text not null,
        failure text,
        created_at integer not null,
        updated_at integer not null,
        ended_at integer,
        primary key (user_id, id),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;
      create unique index jobs_by_message on jobs (user_id, message_id, kind);
      create index jobs_by_recording on jobs (user_id, recording_id, kind);
    `,
    down: `
      drop table jobs;
    `,
  },
  {
    name: 'kept replies',
    up: `
      create table kept_replies (
        user_id text not null references users (id),
        key text not null,
        fingerprint text not null,
        status integer,
        body blob,
        created_at integer not null,
        primary key (user_id, key)
      ) strict;
    `,
    down: 'drop table kept_replies;',
  },
  {
    name: 'uploads',
    up: `
      create table uploads (
        user_id text not null references users (id),
        id text not null,
        recording_id text not null,
        state text not null,
        wrapped_key blob not null,
        details blob not null,
        created_at integer not null,
        expires_at integer not null,
        primary key (user_id, id)
      ) strict;

      create table upload_parts (
        user_id text not null,
        upload_id text not null,
        part integer not null,
        bytes integer not null,
        object text not null,
        digest text not null,
        primary key (user_id, upload_id, part),
        foreign key (user_id, upload_id) references uploads (user_id, id) on delete cascade
      ) strict;
    `,
    down: `
      drop table upload_parts;
      drop table uploads;
    `,
  },
  {
    name: 'audit log that can only grow',
    up: `
      alter table audit_log add column salt blob;
      alter table audit_log add column erased_by integer;

      create table audit_seals (
        number integer primary key not null,
        sealed_at integer not null,
        ranges text not null,
        waiting text not null,
        digests blob not null,
        hash blob not null
      ) strict;

      create trigger audit_log_keeps_entries before delete on audit_log begin
        select raise(abort, 'the audit log only grows');
      end;
      -- Of an entry about a user who was erased it stays that there was one.
      create trigger audit_log_keeps_content before update on audit_log
      when not (
        old.erased_by is null and new.erased_by is not null
        and new.seq = old.seq and new.at = old.at and new.action = old.action
        and new.user_id = '' and new.actor = '' and new.recording_id = ''
        and new.subject is null and new.salt is null
      ) begin
        select raise(abort, 'the audit log only grows');
      end;
      create trigger audit_seals_keep_entries before delete on audit_seals begin
        select raise(abort, 'the audit log only grows');
      end;
      create trigger audit_seals_keep_content before update on audit_seals begin
        select raise(abort, 'the audit log only grows');
      end;
    `,
    down: `
      drop table audit_seals;
      drop trigger audit_log_keeps_content;
      drop trigger audit_log_keeps_entries;
      alter table audit_log drop column erased_by;
      alter table audit_log drop column salt;
    `,
  },
  sqliteAdministration,
  sqliteModelRegistry,
  sqlitePassageModels,
  sqlitePolicies,
  sqlitePassageStamps,
];
