/**
 * Passages of several embedders beside each other: while another one is put in place, the old vectors serve. A table of
 * SQLite cannot change its key: it is made anew.
 */
const indexColumns = 'user_id, recording_id, revision, model, dimensions, passages, end_ms, segments';

export const sqlitePassageModels = {
  name: 'passages of several embedders',
  up: `
      create temp table old_indexes as select * from passage_indexes;
      create temp table old_pages as select * from passage_pages;
      drop table passage_pages;
      drop table passage_indexes;
      create table passage_indexes (
        user_id text not null,
        recording_id text not null,
        revision integer not null,
        model text not null,
        dimensions integer not null,
        passages integer not null,
        end_ms integer not null,
        segments integer not null,
        primary key (user_id, recording_id, model),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict, without rowid;

      create table passage_pages (
        user_id text not null,
        recording_id text not null,
        model text not null,
        page integer not null,
        search blob not null,
        texts blob not null,
        primary key (user_id, recording_id, model, page),
        foreign key (user_id, recording_id) references recordings (user_id, id) on delete cascade
      ) strict;

      insert into passage_indexes (${indexColumns}) select ${indexColumns} from old_indexes;
      insert into passage_pages (user_id, recording_id, model, page, search, texts)
        select user_id, recording_id, model, page, search, texts
        from old_pages join old_indexes using (user_id, recording_id);
      drop table old_pages;
      drop table old_indexes;
    `,
  // What is lost is made again when somebody searches.
  down: `
      create temp table old_indexes as
        select * from passage_indexes as these where model = (
          select min(model) from passage_indexes as all_of_it
          where all_of_it.user_id = these.user_id and all_of_it.recording_id = these.recording_id
        );
      create temp table old_pages as
        select passage_pages.* from passage_pages join old_indexes using (user_id, recording_id, model);
      drop table passage_pages;
      drop table passage_indexes;
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

      insert into passage_indexes (${indexColumns}) select ${indexColumns} from old_indexes;
      insert into passage_pages (user_id, recording_id, page, search, texts)
        select user_id, recording_id, page, search, texts from old_pages;
      drop table old_pages;
      drop table old_indexes;
    `,
} as const;

/** Row-level security hides rows from the owner of the tables too: it is lifted while they are changed. */
const unforced = (work: string) => `
      alter table passages no force row level security;
      alter table passage_indexes no force row level security;
      ${work}
      alter table passages force row level security;
      alter table passage_indexes force row level security;
`;

/** @param id type of ids */
export const postgresPassageModels = (id: string) => ({
  name: 'passages of several embedders',
  up: unforced(`
      alter table passages add column model ${id} not null default 'all-minilm-l6-v2-int8';
      update passages set model = passage_indexes.model from passage_indexes
        where passage_indexes.user_id = passages.user_id
          and passage_indexes.recording_id = passages.recording_id
          and passage_indexes.model <> passages.model;
      alter table passages alter column model drop default;
      alter table passages drop constraint passages_pkey;
      alter table passages add primary key (user_id, recording_id, model, position);
      alter table passage_indexes drop constraint passage_indexes_pkey;
      alter table passage_indexes add primary key (user_id, recording_id, model);
  `),
  // What is lost is made again when somebody searches.
  down: unforced(`
      delete from passage_indexes as these using passage_indexes as others
        where others.user_id = these.user_id and others.recording_id = these.recording_id
          and others.model < these.model;
      delete from passages where not exists (
        select from passage_indexes where passage_indexes.user_id = passages.user_id
          and passage_indexes.recording_id = passages.recording_id and passage_indexes.model = passages.model
      );
      alter table passage_indexes drop constraint passage_indexes_pkey;
      alter table passage_indexes add primary key (user_id, recording_id);
      alter table passages drop constraint passages_pkey;
      alter table passages add primary key (user_id, recording_id, position);
      alter table passages drop column model;
  `),
});

/** See `passage_indexes.stamp` in the schema. */
export const sqlitePassageStamps = {
  name: 'stamps of passages',
  up: 'alter table passage_indexes add column stamp integer not null default 0;',
  down: 'alter table passage_indexes drop column stamp;',
};
