-- What a hosted Supabase project has before its first migration, as far as migrations and PostgREST
-- can tell. Run once per cluster by the superuser supabase_admin; `postgres` is not a superuser, as hosted.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

create role postgres login createdb createrole replication bypassrls;
grant anon, authenticated, service_role to postgres with admin option;
grant authenticator to postgres with admin option;
-- As on a hosted project, migrations configure PostgREST with `alter role authenticator set pgrst...`.
do $$
declare
  setting text;
begin
  foreach setting in array array[
    'db_aggregates_enabled', 'db_extra_search_path', 'db_hoisted_tx_settings', 'db_max_rows', 'db_plan_enabled',
    'db_pre_request', 'db_root_spec', 'db_schemas', 'jwt_aud', 'jwt_role_claim_key', 'openapi_mode',
    'openapi_security_active', 'server_cors_allowed_origins', 'server_timing_enabled', 'server_trace_header'
  ] loop
    execute format('grant set on parameter %I to postgres', 'pgrst.' || setting);
  end loop;
end $$;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
-- The roles of the platform's services, which own their schemas.
create role supabase_auth_admin login noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_storage_admin login noinherit createrole;
create role dashboard_user nologin createdb createrole replication;
grant supabase_realtime_admin, supabase_storage_admin to postgres;
create role supabase_read_only_user login bypassrls;
grant pg_read_all_data to supabase_read_only_user;
alter role supabase_read_only_user set default_transaction_read_only = on;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

alter database postgres owner to postgres;
alter role postgres set search_path = "$user", public, extensions;

-- Everything made in `public` is open to the three API roles unless a migration revokes it.
grant usage on schema public to postgres, anon, authenticated, service_role;
grant create on schema public to postgres;
alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;

-- Exposed by default next to `public`. The extension pg_graphql fills it, which the sandbox does not have.
create schema graphql_public;
grant usage on schema graphql_public to postgres, anon, authenticated, service_role;

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;

-- Extensions that a project has from the start (Supabase docs: guides/database/extensions).
create extension pgcrypto schema extensions;
create extension "uuid-ossp" schema extensions;
create extension pg_stat_statements schema extensions;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- PostgREST learns of a changed schema through these triggers.
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_ddl_commands()
    where schema_name is distinct from 'pg_temp' and command_tag not like 'CREATE PUBLICATION%'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;
create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_dropped_objects() where not is_temporary) then
    notify pgrst, 'reload schema';
  end if;
end
$$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
