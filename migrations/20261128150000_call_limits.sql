-- A limit of place-call's calls for the whole environment, in addition to the limit for each user: an attacker
-- with many users must not place more calls than a call center would.
--
-- A handler that does not send `environment_limit` is served as before: then only its users are limited.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128150000' $$;

create index if not exists twilio_calls_placed_at on public.twilio_calls (created_at) where placed_by is not null;

-- Counts the last minute's calls, the user's and everybody's, and stores the next one's first row, both in this
-- transaction and one call at a time, so that parallel requests cannot exceed the limits.
create or replace function voicehooks.reserve_call(event jsonb) returns jsonb
language plpgsql volatile as $$
declare
  placing_user constant uuid := (event ->> 'user_id')::uuid;
  per_minute constant integer := (event ->> 'limit')::integer;
  per_minute_in_all constant integer := (event ->> 'environment_limit')::integer;
  params constant jsonb := event -> 'params';
  recent integer;
  oldest timestamptz;
  reserved uuid;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('voicehooks:place', 0));
  -- A row without Twilio's SID belongs to a worker that died: do not leave it "connecting" forever.
  update public.twilio_calls
    set status = 'failed', error_message = 'the call never reached Twilio', ended_at = now()
    where placed_by = placing_user and call_sid is null and status = 'queued'
      and created_at < now() - interval '2 minutes';
  select count(*), min(created_at) into recent, oldest from public.twilio_calls
    where placed_by = placing_user and created_at > now() - interval '1 minute';
  if recent >= per_minute then
    return voicehooks.call_limited('user', oldest);
  end if;
  select count(*), min(created_at) into recent, oldest from public.twilio_calls
    where placed_by is not null and created_at > now() - interval '1 minute';
  if recent >= per_minute_in_all then
    return voicehooks.call_limited('environment', oldest);
  end if;
  insert into public.twilio_calls (
    account_sid, direction, from_number, to_number, dial_number, agent_first, reference, placed_by, started_at)
  values (
    params ->> 'AccountSid', 'outbound-api', params ->> 'From', params ->> 'To', params ->> 'Dial',
    (params ->> 'AgentFirst')::boolean, params ->> 'Reference', placing_user,
    coalesce((event ->> 'received_at')::timestamptz, now()))
  returning id into reserved;
  return jsonb_build_object('result', 'reserved', 'id', reserved);
end
$$;

-- The result for place-call when a limit is reached: which limit, and in how many seconds a call is possible again.
create or replace function voicehooks.call_limited(scope text, oldest timestamptz) returns jsonb
language sql stable as $$
  select jsonb_build_object('result', 'limited', 'scope', scope,
    'retry_after', greatest(1, ceil(extract(epoch from oldest + interval '1 minute' - now()))))
$$;

revoke all on all functions in schema voicehooks from public;
