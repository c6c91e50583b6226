-- Runs once, when the database is made, after ../postgres/roles.sql.
\set ON_ERROR_STOP on
\getenv owner_password SPEAKR_OWNER_PASSWORD
\getenv app_password SPEAKR_APP_PASSWORD
\getenv worker_password SPEAKR_WORKER_PASSWORD
alter role speakr_owner password :'owner_password';
alter role speakr_app password :'app_password';
alter role speakr_worker password :'worker_password';
