-- twilio_call_timeline: a call's steps in order, all its legs together. delete_old_twilio_calls: retention.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261124090300' $$;

-- Security invoker: whoever reads it sees the rows that the policies of the tables let them see.
create or replace view public.twilio_call_timeline with (security_invoker = true) as
select
  coalesce(c.parent_call_sid, e.call_sid) as call_sid,
  e.call_sid as leg_sid,
  case when c.parent_call_sid is null then 'first' else 'dialed' end as leg,
  coalesce(e.occurred_at, e.received_at) as happened_at,
  e.kind,
  case e.kind
    when 'voice' then 'asked what to do'
    when 'fallback' then 'asked the fallback what to do'
    when 'dial-action' then 'dialing ended: ' || coalesce(e.params ->> 'DialCallStatus', '?')
    when 'record-action' then 'left a message'
    when 'recording' then 'recording ' || coalesce(e.params ->> 'RecordingStatus', '?')
    when 'placed' then 'placed'
    when 'reconciled' then 'fetched from Twilio: '
      || coalesce(e.params ->> 'CallStatus', 'recording ' || (e.params ->> 'RecordingStatus'), '?')
    when 'status' then case e.params ->> 'CallStatus'
      when 'initiated' then 'connecting' when 'in-progress' then 'connected'
      else coalesce(e.params ->> 'CallStatus', '?') end
    else 'something else' end as step,
  e.params ->> 'CallStatus' as status,
  voicehooks.to_int(coalesce(e.params ->> 'RecordingDuration', e.params ->> 'CallDuration')) as seconds,
  e.sequence_number,
  e.received_at
from public.twilio_call_events e
left join public.twilio_calls c on c.call_sid = e.call_sid
where e.call_sid is not null
order by 1, happened_at, e.sequence_number nulls first, e.received_at;

comment on view public.twilio_call_timeline is
  'voicehooks: a call''s steps in order, all its legs together; filter by call_sid';
revoke all on public.twilio_call_timeline from public, anon, authenticated, service_role;
grant select on public.twilio_call_timeline to service_role;
-- The view calls this one as whoever reads it; it only turns text into a number.
grant execute on function voicehooks.to_int(text) to authenticated, service_role;

-- Retention. Deletes calls that began before `older_than` ago with their legs, events and recordings' rows, at
-- most `batch` calls at a time (oldest first), and returns how many. Recordings at Twilio are not touched: delete
-- them there first, their SIDs are in twilio_recordings. By hand, or every night where pg_cron is installed:
--   select cron.schedule('old calls', '0 3 * * *', $cron$ select public.delete_old_twilio_calls('90 days') $cron$);
create or replace function public.delete_old_twilio_calls(older_than interval, batch integer default 10000)
returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  deleted integer;
begin
  if older_than < interval '1 day' then
    raise exception 'older_than is %, but calls of the last day may still be going on: give 1 day or more', older_than;
  end if;
  with old as (
    select c.id, c.call_sid from public.twilio_calls c
    where c.parent_call_sid is null and coalesce(c.started_at, c.created_at) < now() - older_than
    order by c.started_at limit batch
  ), family as (
    select old.id, old.call_sid, true as first from old
    union all
    select leg.id, leg.call_sid, false from public.twilio_calls leg join old on leg.parent_call_sid = old.call_sid
  ), events as (
    delete from public.twilio_call_events e using family where e.call_sid = family.call_sid
  ), gone as (
    delete from public.twilio_calls c using family where c.id = family.id returning family.first
  )
  select count(*) filter (where first) into deleted from gone;
  -- Events of no known call: other kinds, or refused calls.
  delete from public.twilio_call_events e where e.call_sid is null and e.received_at < now() - older_than;
  return deleted;
end
$$;

comment on function public.delete_old_twilio_calls(interval, integer) is
  'voicehooks: deletes old calls with their legs, events and recordings'' rows; service role only';
revoke all on function public.delete_old_twilio_calls(interval, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.delete_old_twilio_calls(interval, integer) to service_role;
