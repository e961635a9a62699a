-- Retention for every kind of row, also while callbacks arrive; and the Realtime publication of events.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128140300' $$;

-- Retention. Deletes calls that began before `older_than` ago with all legs below them, their events and
-- recordings' rows, at most `batch` first legs at a time (oldest first), and returns how many. Events that belong
-- to no call's row (of other kinds, quarantined, refused calls) go by when they were received. Recordings at Twilio
-- are not touched: delete them there first, their SIDs are in twilio_recordings. From the SQL editor, or every night
-- where pg_cron is installed:
--   select cron.schedule('old calls', '0 3 * * *', $cron$ select public.delete_old_twilio_calls('90 days') $cron$);
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
  ), gone as (
    delete from public.twilio_calls c using free where c.id = free.id returning free.first
  )
  select count(*) filter (where first) into deleted from gone;
  delete from public.twilio_call_events e where e.received_at < before
    and not exists (select from public.twilio_calls c where c.call_sid = e.call_sid);
  return deleted;
end
$$;

-- A project may publish its tables through Realtime. The raw events are not part of that: they hold all that Twilio
-- sends, and the rows of calls and recordings say what became of them.
do $$
begin
  if exists (select from pg_publication_tables t join pg_publication p on p.pubname = t.pubname
             where t.pubname = 'supabase_realtime' and not p.puballtables
               and t.schemaname = 'public' and t.tablename = 'twilio_call_events') then
    alter publication supabase_realtime drop table public.twilio_call_events;
  end if;
end
$$;
