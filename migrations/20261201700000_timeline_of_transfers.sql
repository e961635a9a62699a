-- The timeline of a call names a transfer, and a callback that is in quarantine. Before, both were "something else".

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261201700000' $$;

-- Security invoker: its readers see the rows that the policies of the tables let them see.
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
    when 'transfer' then 'transferred to ' || (e.params ->> 'Target')
    when 'reconciled' then 'fetched from Twilio: '
      || coalesce(e.params ->> 'CallStatus', 'recording ' || (e.params ->> 'RecordingStatus'), '?')
    when 'quarantined' then 'in quarantine'
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
