-- Twilio's Event Streams: what Twilio itself reports about every call of the account, and every error.
--
-- The function twilio-events stores it. It changes no row of a call: a summary is proof that a call took place, and
-- the view twilio_unreported_calls names the calls whose own callbacks are missing, so that reconcile fetches those.
--
-- Events arrive at least once and in any order. What is kept depends on the events alone, not on their order: an
-- error is kept once for each event ID; of a call's summaries the complete one, then the latest one by Twilio's time.

do $$
declare
  foreign_name text;
begin
  select string_agg('public.' || c.relname, ', ' order by c.relname) into foreign_name
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::regnamespace
    and c.relname in ('twilio_call_summaries', 'twilio_errors', 'twilio_unreported_calls',
      'twilio_unsummarized_calls')
    and coalesce(obj_description(c.oid, 'pg_class'), '') not like 'voicehooks:%';
  if foreign_name is not null then
    raise exception 'this database already has %, which Voicehooks did not create: rename it (alter table ... rename to ...) or move its rows to another table, then deploy again', foreign_name;
  end if;
end
$$;

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261201200000' $$;

create table if not exists public.twilio_call_summaries (
  call_sid         text primary key,
  account_sid      text not null,
  direction        text,
  from_number      text,
  to_number        text,
  -- As a callback's CallStatus, where Twilio has a word for it there.
  status           text,
  started_at       timestamptz,
  ended_at         timestamptz,
  duration_seconds integer,
  is_complete      boolean not null,
  -- Of the event that the row is from.
  event_id         text not null,
  reported_at      timestamptz not null,
  data             jsonb not null,
  received_at      timestamptz not null default now()
);

create table if not exists public.twilio_errors (
  event_id    text primary key,
  error_sid   text,
  account_sid text not null,
  level       text,
  error_code  integer,
  product     text,
  -- If the error is about a call.
  call_sid    text,
  occurred_at timestamptz,
  data        jsonb not null,
  received_at timestamptz not null default now()
);

comment on table public.twilio_call_summaries is
  'voicehooks: one row for each call leg that Twilio reported through Event Streams; written by ingest_twilio_stream_events alone';
comment on table public.twilio_errors is
  'voicehooks: errors and warnings of the account that Twilio reported through Event Streams; written by ingest_twilio_stream_events alone';
comment on column public.twilio_call_summaries.is_complete is
  'false: Twilio is still collecting the call''s data (Twilio docs: Call Insights Events)';
comment on column public.twilio_call_summaries.reported_at is
  'when Twilio made the event; -infinity if the event does not say';
comment on column public.twilio_call_summaries.data is 'the event''s data as it came';
comment on column public.twilio_errors.data is 'the event''s data as it came';

create index if not exists twilio_call_summaries_ended on public.twilio_call_summaries (ended_at desc);
create index if not exists twilio_call_summaries_received on public.twilio_call_summaries (received_at);
create index if not exists twilio_errors_received on public.twilio_errors (received_at);
create index if not exists twilio_errors_call on public.twilio_errors (call_sid) where call_sid is not null;

alter table public.twilio_call_summaries enable row level security;
alter table public.twilio_errors enable row level security;
revoke all on public.twilio_call_summaries, public.twilio_errors from public, anon, authenticated, service_role;
grant select, delete on public.twilio_call_summaries, public.twilio_errors to service_role;

-- A time in ISO 8601, as in "2026-03-17T11:28:31.123Z"; null for anything else.
create or replace function voicehooks.to_iso_time(value text) returns timestamptz
language plpgsql stable as $$
begin
  return case when value like '____-__-__T__:__:__%' then value::timestamptz end;
exception when data_exception then
  return null;
end
$$;

-- A SID of a call in Twilio's form; null for anything else.
create or replace function voicehooks.to_call_sid(value text) returns text
language sql immutable parallel safe as $$
  select case when value ~ '^CA[0-9a-fA-F]{32}$' then value end
$$;

-- Stores events of Event Streams, a JSON array of CloudEvents, in one transaction. Returns how many were stored, how
-- many said nothing new, and how many are of types that are not stored. An empty array stores nothing and checks that
-- events could be stored. No content of an event is an error: what cannot be read is null.
create or replace function public.ingest_twilio_stream_events(events jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  known integer;
  summaries integer;
  errors integer;
begin
  if jsonb_array_length(events) = 0 then
    begin
      perform public.ingest_twilio_stream_events(jsonb_build_array(jsonb_build_object(
        'id', 'check', 'type', 'com.twilio.voice.insights.call-summary.partial', 'data', jsonb_build_object(
          'call_sid', 'CA' || repeat('0', 32), 'account_sid', 'AC' || repeat('0', 32)))));
      raise exception 'undo' using errcode = 'VHCHK';
    exception when sqlstate 'VHCHK' then
      null;
    end;
    return jsonb_build_object('result', 'checked', 'schema_version', voicehooks.schema_version());
  end if;

  with read as (
    select voicehooks.to_call_sid(e.data ->> 'call_sid') as call_sid, e.data ->> 'account_sid' as account_sid,
      replace(e.data #>> '{properties,direction}', '_', '-') as direction,
      e.data #>> '{from,caller}' as from_number, e.data #>> '{to,callee}' as to_number,
      case e.data ->> 'call_state' when 'fail' then 'failed' when 'noanswer' then 'no-answer'
        when 'answered' then 'in-progress' else e.data ->> 'call_state' end as status,
      voicehooks.to_iso_time(e.data ->> 'start_time') as started_at,
      voicehooks.to_iso_time(e.data ->> 'end_time') as ended_at,
      voicehooks.to_int(e.data ->> 'connect_duration') as duration_seconds,
      e.type like '%.complete' as is_complete, e.id as event_id,
      coalesce(voicehooks.to_iso_time(e.time), '-infinity') as reported_at, e.data
    from jsonb_to_recordset(events) as e (id text, type text, time text, data jsonb)
    where e.type like 'com.twilio.voice.insights.call-summary.%' and length(e.id) <= 200
  ), latest as (
    select distinct on (r.call_sid) r.* from read r where r.call_sid is not null and r.account_sid is not null
    order by r.call_sid, r.is_complete desc, r.reported_at desc, r.event_id desc
  ), stored as (
    insert into public.twilio_call_summaries as s (
      call_sid, account_sid, direction, from_number, to_number, status, started_at, ended_at, duration_seconds,
      is_complete, event_id, reported_at, data)
    select l.* from latest l order by l.call_sid
    on conflict (call_sid) do update set
      account_sid = excluded.account_sid, direction = excluded.direction, from_number = excluded.from_number, to_number = excluded.to_number,
      status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
      duration_seconds = excluded.duration_seconds, is_complete = excluded.is_complete,
      event_id = excluded.event_id, reported_at = excluded.reported_at, data = excluded.data
    where (excluded.is_complete, excluded.reported_at, excluded.event_id)
      > (s.is_complete, s.reported_at, s.event_id)
    returning 1
  )
  select (select count(*) from stored), (select count(*) from read r
    where r.call_sid is not null and r.account_sid is not null) into summaries, known;

  with read as (
    select e.id as event_id, e.data ->> 'sid' as error_sid, e.data ->> 'account_sid' as account_sid,
      e.data ->> 'level' as level, voicehooks.to_int(e.data ->> 'error_code') as error_code,
      e.data ->> 'product_name' as product,
      coalesce(voicehooks.to_call_sid(e.data ->> 'correlation_sid'),
        voicehooks.to_call_sid(substring(e.data ->> 'payload' from '"resource_sid"\s*:\s*"(CA[0-9a-fA-F]{32})"')))
        as call_sid,
      coalesce(voicehooks.to_iso_time(e.data ->> 'date_created'), voicehooks.to_iso_time(e.time)) as occurred_at,
      e.data
    from jsonb_to_recordset(events) as e (id text, type text, time text, data jsonb)
    where e.type = 'com.twilio.error-logs.error.logged' and length(e.id) <= 200
      and e.data ->> 'account_sid' is not null
      -- Logs of Twilio Serverless and Studio come as events of this type, too.
      and upper(coalesce(e.data ->> 'level', '')) not in ('INFO', 'NOTICE', 'DEBUG')
  ), stored as (
    insert into public.twilio_errors (
      event_id, error_sid, account_sid, level, error_code, product, call_sid, occurred_at, data)
    select r.* from read r order by r.event_id
    on conflict (event_id) do nothing
    returning 1
  )
  select (select count(*) from stored), known + (select count(*) from read) into errors, known;

  return jsonb_build_object('result', 'stored', 'stored', summaries + errors,
    'duplicates', known - summaries - errors, 'ignored', jsonb_array_length(events) - known);
end
$$;

comment on function public.ingest_twilio_stream_events(jsonb) is
  'voicehooks: stores events of Twilio''s Event Streams; service role only';
revoke all on function public.ingest_twilio_stream_events(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.ingest_twilio_stream_events(jsonb) to service_role;

-- Calls that Twilio knows and no callback reported, or whose end none reported. Two minutes after a call's end Twilio
-- sends no more callbacks of it. A call that reconcile fetched is reported.
create or replace view public.twilio_unreported_calls with (security_invoker = true) as
select s.call_sid, s.account_sid, s.direction, s.from_number, s.to_number, s.status, s.started_at, s.ended_at,
  s.duration_seconds, case when c.call_sid is null then 'call' else 'end' end as missing
from public.twilio_call_summaries s
left join public.twilio_calls c on c.call_sid = s.call_sid
where s.ended_at < now() - interval '2 minutes' and c.ended_at is null;

comment on view public.twilio_unreported_calls is
  'voicehooks: calls that Twilio knows and whose callbacks are missing; `missing` is call (no callback at all) or end';
revoke all on public.twilio_unreported_calls from public, anon, authenticated, service_role;
grant select on public.twilio_unreported_calls to service_role;

-- Calls that callbacks reported and Event Streams did not. The first summary arrives within ten minutes of a call's end
-- (Twilio docs: Call Insights Events), so that after an hour the stream does not report everything.
create or replace view public.twilio_unsummarized_calls with (security_invoker = true) as
select c.call_sid, c.account_sid, c.started_at, c.ended_at
from public.twilio_calls c
where c.call_sid is not null and c.ended_at < now() - interval '1 hour'
  and not exists (select from public.twilio_call_summaries s where s.call_sid = c.call_sid);

comment on view public.twilio_unsummarized_calls is
  'voicehooks: calls that ended more than an hour ago and that Event Streams has not reported';
revoke all on public.twilio_unsummarized_calls from public, anon, authenticated, service_role;
grant select on public.twilio_unsummarized_calls to service_role;

-- Retention, as before. New: a call's summary is deleted with it, so that a deleted call is not unreported; summaries
-- of other calls and errors by when they were received.
create or replace function public.delete_old_twilio_calls(older_than interval, batch integer default 10000)
returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  before constant timestamptz := now() - older_than;
  deleted integer;
begin
  if older_than < interval '1 day' then
    raise exception 'older_than is %, but calls of the last day may still be going on: give 1 day or more', older_than;
  end if;
  with recursive old as (
    -- First legs, and legs whose first leg is gone. Twilio's time may be wrong, the row's own time is not.
    select c.id, c.call_sid from public.twilio_calls c
    where least(c.started_at, c.created_at) < before
      and (c.parent_call_sid is null
        or not exists (select from public.twilio_calls parent where parent.call_sid = c.parent_call_sid))
    order by c.started_at limit batch
  ), family as (
    select old.id, old.call_sid, true as first from old
    union
    select leg.id, leg.call_sid, false from public.twilio_calls leg
      join family on leg.parent_call_sid = family.call_sid
  ), free as (
    -- A call with a callback in progress is deleted the next time, so that neither waits for the other.
    select c.id, c.call_sid, family.first from public.twilio_calls c join family on family.id = c.id
    for update of c skip locked
  ), events as (
    delete from public.twilio_call_events e using free where e.call_sid = free.call_sid
  ), summaries as (
    delete from public.twilio_call_summaries s using free where s.call_sid = free.call_sid
  ), gone as (
    delete from public.twilio_calls c using free where c.id = free.id returning free.first
  )
  select count(*) filter (where first) into deleted from gone;
  delete from public.twilio_call_events e where e.received_at < before
    and not exists (select from public.twilio_calls c where c.call_sid = e.call_sid);
  delete from public.twilio_call_summaries s where s.received_at < before
    and not exists (select from public.twilio_calls c where c.call_sid = s.call_sid);
  delete from public.twilio_errors e where e.received_at < before;
  return deleted;
end
$$;

revoke all on all functions in schema voicehooks from public;
