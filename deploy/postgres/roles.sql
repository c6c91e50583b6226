-- Prepares a database for speakr. Run once by an administrator, in the new database; running it again changes nothing.
-- Then give those who log in a password:
--   alter role speakr_owner password '…'; alter role speakr_app password '…'; alter role speakr_worker password '…';
--
-- speakr_owner  owns the tables and changes them (migrations); nothing that answers requests logs in as it
-- speakr_app    works for one user at a time and sees that user's rows only
-- speakr_worker passes on the messages of all users, and sees nothing else of them

create extension if not exists vector;

do $$
declare
  role_name text;
begin
  foreach role_name in array array['speakr_owner', 'speakr_app', 'speakr_worker'] loop
    begin
      execute format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole noinherit', role_name);
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to speakr_owner, speakr_app, speakr_worker', current_database());
end
$$;

revoke all on schema public from public;
grant usage on schema public to speakr_owner, speakr_app, speakr_worker;
-- Not `authorization speakr_owner`: an administrator of a managed database need not be a member of that role.
create schema if not exists speakr;
grant usage, create on schema speakr to speakr_owner;
grant usage on schema speakr to speakr_app, speakr_worker;
