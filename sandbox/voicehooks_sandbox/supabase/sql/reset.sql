-- Brings the database back to its first day: the schemas of the platform stay, emptied; all others go.

do $$
declare
  platform constant text[] := array[
    'public', 'auth', 'storage', 'realtime', 'extensions', 'graphql_public', 'information_schema'
  ];
  command text;
begin
  for command in
    select format('drop extension if exists %I cascade', extname) from pg_extension
    where extname not in ('plpgsql', 'pgcrypto', 'uuid-ossp', 'pg_stat_statements')
    union all
    select format('drop schema if exists %I cascade', nspname) from pg_namespace
    where nspname !~ '^pg_' and nspname <> all (platform)
  loop
    execute command;
  end loop;

  for command in
    select format('drop table if exists %I.%I cascade', n.nspname, c.relname) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p', 'f')
    union all
    select format(
      'drop %s if exists %I.%I cascade',
      case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'sequence' end, n.nspname, c.relname
    ) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('v', 'm', 'S')
    union all
    select format('drop routine if exists %s cascade', p.oid::regprocedure) from pg_proc p
    where p.pronamespace = 'public'::regnamespace
    union all
    select format('drop type if exists %I.%I cascade', n.nspname, t.typname) from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    where n.nspname = 'public' and t.typtype in ('e', 'd', 'r')
    union all
    -- What migrations added to the platform's tables: triggers and policies.
    select format('drop trigger if exists %I on %s', t.tgname, t.tgrelid::regclass) from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and n.nspname in ('auth', 'storage', 'realtime')
    union all
    select format('drop policy if exists %I on %I.%I', policyname, schemaname, tablename) from pg_policies
    where schemaname in ('auth', 'storage', 'realtime')
    union all
    select format('alter role authenticator reset %s', split_part(setting, '=', 1)) from pg_db_role_setting
    cross join unnest(setconfig) as setting
    where setrole = 'authenticator'::regrole and setting like 'pgrst.%'
  loop
    execute command;
  end loop;

  truncate auth.users, auth.audit_log_entries, auth.flow_state, storage.buckets, realtime.messages cascade;
  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
    alter publication supabase_realtime owner to postgres;
  end if;
end $$;
