-- ingest_twilio_webhook(jsonb): the one way into the tables. Idempotent, independent of order, safe under
-- concurrency. The argument:
--
--   kind      what the request is: voice, fallback, status, recording, dial-action, record-action, other;
--             placed, refused (place-call heard from Twilio); reconciled (fetched later from Twilio's API);
--             place (reserve a call, leaves a row); check (leaves no row)
--   params    the request's parameters by Twilio's names, text or (repeated) a list of texts
--   path      the URL after the function's name, so its query string ("" by default)
--   place     the id of the row that place-call reserved for the top-level call, if there is one
--   received_at  when it arrived (now by default)
--
-- A `reconciled` event carries the names of the callbacks (CallSid, ParentCallSid, AccountSid, From, To,
-- Direction, CallStatus, CallDuration; for a recording RecordingSid, RecordingStatus, RecordingDuration ...)
-- and for its times StartTime and EndTime (RFC 2822, as Twilio's API tells them).
--
-- Why order cannot matter: a raw row goes in once, by its key. What it says is merged into the call's row by
-- operations that do not care for order: the highest step wins (rank, then SequenceNumber), moments take the
-- earliest, durations the greatest, and least() keeps the known value where there is only one to know.
-- What is shown is computed from the merged columns by a trigger.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261124090100' $$;

comment on function voicehooks.schema_version() is
  'voicehooks: version of the newest migration; a check request reports it';

-- A CallStatus, and a RecordingStatus; null for a word that nobody knows yet.
create or replace function voicehooks.to_status(value text) returns voicehooks.call_status
language sql immutable parallel safe as $$
  select case when value in ('queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer',
                             'failed', 'canceled') then value::voicehooks.call_status end
$$;

create or replace function voicehooks.to_recording_status(value text) returns voicehooks.recording_status
language sql immutable parallel safe as $$
  select case when value in ('in-progress', 'paused', 'stopped', 'processing', 'absent', 'failed', 'completed',
                             'deleted') then value::voicehooks.recording_status end
$$;

-- A number that Twilio sent as text; null for what is none, so that an odd value is kept raw and not refused.
create or replace function voicehooks.to_int(value text) returns integer
language sql immutable parallel safe as $$
  select case when value ~ '^[0-9]{1,9}$' then value::integer end
$$;

-- A moment in RFC 2822, as in "Fri, 17 Mar 2023 11:28:31 +0000"; null for anything else.
create or replace function voicehooks.to_time(value text) returns timestamptz
language sql stable parallel safe as $$
  select case when value ~ ('^[A-Z][a-z]{2}, ([0-2]?[0-9]|3[01]) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
                            ' [0-9]{4} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] [+-][0-9]{4}$')
    then value::timestamptz end
$$;

-- The derived columns, from the merged ones. A trigger, so that they can never disagree.
create or replace function voicehooks.derive_call() returns trigger
language plpgsql as $$
declare
  over constant boolean := new.status >= 'completed';
  -- Where the dialed leg is the lead's: a click-to-call that rang the agent first, a call from a browser,
  -- an outgoing call of the CRM's own code that dials somebody.
  dialed_lead constant boolean := coalesce(new.agent_first, new.from_number like 'client:%'
    or (new.direction = 'outbound-api' and new.dial_status is not null), false);
begin
  if dialed_lead then
    new.lead_number := new.dial_number;
    new.agent_answered_at := coalesce(new.answered_at, case when new.from_number like 'client:%' then new.ringing_at end);
    new.talking_since := new.dial_answered_at;
    new.display_status := case
      when new.dial_status is null or new.dial_status in ('queued', 'initiated') then
        case when not over then 'connecting' when new.status = 'completed' then 'canceled' else new.status::text end
      when new.dial_status = 'ringing' then case when over then 'canceled' else 'ringing' end
      when new.dial_status = 'in-progress' then case when over then 'completed' else 'connected' end
      else new.dial_status::text end;
  elsif new.direction = 'inbound' then
    new.lead_number := case when new.parent_call_sid is null then new.from_number end;
    new.agent_answered_at := new.dial_answered_at;
    new.talking_since := new.dial_answered_at;
    new.display_status := case
      when new.dial_status = 'completed' or (over and new.dial_status = 'in-progress') then 'completed'
      when new.dial_status = 'in-progress' then 'connected'
      when new.left_voicemail then 'voicemail'
      when over then case when new.dial_status is null then new.status::text else 'missed' end
      when new.status in ('queued', 'initiated') then 'connecting'
      else 'ringing' end;
  else
    new.lead_number := case when new.parent_call_sid is null then new.to_number end;
    new.agent_answered_at := new.dial_answered_at;
    new.talking_since := new.answered_at;
    new.display_status := case new.status
      when 'queued' then 'connecting' when 'initiated' then 'connecting'
      when 'in-progress' then 'connected' else new.status::text end;
  end if;

  if dialed_lead or new.direction = 'inbound' then
    new.talk_seconds := case
      when new.dial_status in ('in-progress', 'completed') then new.dial_seconds
      when over then 0 end;
  else
    new.talk_seconds := case when new.status = 'completed' then new.duration_seconds when over then 0 end;
  end if;
  new.updated_at := now();
  return new;
end
$$;

create or replace trigger voicehooks_derive before insert or update on public.twilio_calls
  for each row execute function voicehooks.derive_call();

-- Merges what one event says about one leg. `happened` is the event's moment, `step_at` the same where it is
-- the moment of the step too, `ended` the leg's end if the event tells of it.
create or replace function voicehooks.merge_call(
  sid text, parent text, account text, direction text, from_number text, to_number text,
  status voicehooks.call_status, sequence integer, happened timestamptz, step_at timestamptz, ended timestamptz,
  duration integer, voicemail boolean
) returns void
language plpgsql volatile as $$
#variable_conflict use_column
begin
  insert into public.twilio_calls as c (
    call_sid, parent_call_sid, account_sid, direction, from_number, to_number, status, status_sequence,
    started_at, initiated_at, ringing_at, answered_at, ended_at, duration_seconds, left_voicemail)
  values (
    sid, parent, account, merge_call.direction, merge_call.from_number, merge_call.to_number,
    coalesce(merge_call.status, 'queued'), coalesce(sequence, -1), happened,
    case when merge_call.status = 'initiated' then step_at end,
    case when merge_call.status = 'ringing' then step_at end,
    case when merge_call.status = 'in-progress' then step_at end, ended, duration, voicemail)
  on conflict (call_sid) do update set
    parent_call_sid = least(c.parent_call_sid, excluded.parent_call_sid),
    direction = least(c.direction, excluded.direction),
    from_number = least(c.from_number, excluded.from_number),
    to_number = least(c.to_number, excluded.to_number),
    -- The further step wins. Between ends the later event does, and one without a number counts as earlier.
    status = case
      when (least(excluded.status, 'completed'), excluded.status_sequence, excluded.status)
         > (least(c.status, 'completed'), c.status_sequence, c.status)
      then excluded.status else c.status end,
    status_sequence = case
      when (least(excluded.status, 'completed'), excluded.status_sequence, excluded.status)
         > (least(c.status, 'completed'), c.status_sequence, c.status)
      then excluded.status_sequence else c.status_sequence end,
    started_at = least(c.started_at, excluded.started_at),
    initiated_at = least(c.initiated_at, excluded.initiated_at),
    ringing_at = least(c.ringing_at, excluded.ringing_at),
    answered_at = least(c.answered_at, excluded.answered_at),
    ended_at = least(c.ended_at, excluded.ended_at),
    duration_seconds = greatest(c.duration_seconds, excluded.duration_seconds),
    left_voicemail = c.left_voicemail or excluded.left_voicemail;
end
$$;

-- Tells a call what became of the legs it dialed. The call's row is locked before the legs are read, so that
-- the last of several concurrent events sees them all; legs are always locked before their call.
create or replace function voicehooks.roll_up_legs(parent text, account text, at timestamptz) returns void
language plpgsql volatile as $$
begin
  perform from public.twilio_calls where call_sid = parent for no key update;
  if not found then
    insert into public.twilio_calls (call_sid, account_sid, started_at) values (parent, account, at)
      on conflict (call_sid) do nothing;
    perform from public.twilio_calls where call_sid = parent for no key update;
  end if;
  update public.twilio_calls c set
    started_at = least(c.started_at, legs.started_at),
    dial_status = legs.status,
    dial_number = least(c.dial_number, legs.number),
    dial_answered_at = legs.answered_at,
    dial_seconds = legs.seconds
  from (
    select
      min(leg.started_at) as started_at,
      min(leg.to_number) as number,
      min(leg.answered_at) as answered_at,
      sum(leg.duration_seconds) filter (where leg.step >= 8) as seconds,
      -- The leg that got furthest speaks for all.
      case max(leg.step)
        when 9 then 'in-progress' when 8 then 'completed' when 7 then 'ringing' when 6 then 'initiated'
        when 5 then 'queued' when 4 then 'busy' when 3 then 'no-answer' when 2 then 'failed' else 'canceled'
      end::voicehooks.call_status as status
    from (
      select l.started_at, l.to_number, l.answered_at, l.duration_seconds, case
        when l.status = 'in-progress' then 9
        when l.status = 'completed' or l.answered_at is not null then 8
        when l.status = 'ringing' then 7 when l.status = 'initiated' then 6 when l.status = 'queued' then 5
        when l.status = 'busy' then 4 when l.status = 'no-answer' then 3 when l.status = 'failed' then 2
        else 1 end as step
      from public.twilio_calls l where l.parent_call_sid = parent
    ) leg
  ) legs
  where c.call_sid = parent;
end
$$;

-- Merges what an event says about a recording. Its call may not be known yet: then a row waits for it.
create or replace function voicehooks.merge_recording(
  sid text, call text, account text, status voicehooks.recording_status, params jsonb, at timestamptz
) returns void
language plpgsql volatile as $$
declare
  voicemail constant boolean := params ->> 'RecordingSource' = 'RecordVerb' and status = 'completed'
    and params ->> 'RecordingDuration' <> '0';
begin
  perform voicehooks.merge_call(call, null, account, null, null, null, null, null,
    coalesce(voicehooks.to_time(params ->> 'RecordingStartTime'), at), null, null, null, coalesce(voicemail, false));
  insert into public.twilio_recordings as r (
    recording_sid, call_sid, account_sid, status, duration_seconds, channels, source, track, url, error_code, started_at)
  values (
    sid, call, account, status, voicehooks.to_int(params ->> 'RecordingDuration'),
    case when params ->> 'RecordingChannels' in ('1', '2') then (params ->> 'RecordingChannels')::smallint end,
    params ->> 'RecordingSource', params ->> 'RecordingTrack', params ->> 'RecordingUrl',
    nullif(voicehooks.to_int(params ->> 'ErrorCode'), 0), voicehooks.to_time(params ->> 'RecordingStartTime'))
  on conflict (recording_sid) do update set
    call_sid = least(r.call_sid, excluded.call_sid),
    status = greatest(r.status, excluded.status),
    duration_seconds = greatest(r.duration_seconds, excluded.duration_seconds),
    channels = greatest(r.channels, excluded.channels),
    source = least(r.source, excluded.source),
    track = least(r.track, excluded.track),
    url = least(r.url, excluded.url),
    error_code = greatest(r.error_code, excluded.error_code),
    started_at = least(r.started_at, excluded.started_at),
    updated_at = now();
end
$$;

-- Gives the row that place-call reserved its call. Whichever event comes first does this, also when place-call
-- itself died before it could. A call that was given up on is taken back: Twilio knows better.
create or replace function voicehooks.link_placement(place uuid, sid text) returns void
language plpgsql volatile as $$
begin
  perform from public.twilio_calls where id = place and call_sid is null;
  if not found then
    return;
  end if;
  begin
    update public.twilio_calls
      set call_sid = sid, status = 'queued', error_code = null, error_message = null, ended_at = null
      where id = place and call_sid is null;
  exception when unique_violation then
    -- The call already has a row (a reconciled one, say): that row takes over what was reserved.
    with reserved as (
      delete from public.twilio_calls where id = place and call_sid is null
      returning reference, placed_by, agent_first, dial_number, started_at, created_at
    )
    update public.twilio_calls c set
      reference = reserved.reference, placed_by = reserved.placed_by, agent_first = reserved.agent_first,
      dial_number = least(c.dial_number, reserved.dial_number),
      started_at = least(c.started_at, reserved.started_at), created_at = reserved.created_at
    from reserved where c.call_sid = sid;
  end;
end
$$;

-- Counts a user's calls of the last minute and stores the next one's first row, both in this transaction and
-- one user at a time, so that many workers cannot be outrun.
create or replace function voicehooks.reserve_call(event jsonb) returns jsonb
language plpgsql volatile as $$
declare
  placing_user constant uuid := (event ->> 'user_id')::uuid;
  per_minute constant integer := (event ->> 'limit')::integer;
  params constant jsonb := event -> 'params';
  recent integer;
  oldest timestamptz;
  reserved uuid;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('voicehooks:place:' || placing_user, 0));
  -- A row that Twilio never named belongs to a worker that died: do not leave it "connecting" for ever.
  update public.twilio_calls
    set status = 'failed', error_message = 'the call never reached Twilio', ended_at = now()
    where placed_by = placing_user and call_sid is null and status = 'queued'
      and created_at < now() - interval '2 minutes';
  select count(*), min(created_at) into recent, oldest from public.twilio_calls
    where placed_by = placing_user and created_at > now() - interval '1 minute';
  if recent >= per_minute then
    return jsonb_build_object('result', 'limited', 'retry_after',
      greatest(1, ceil(extract(epoch from oldest + interval '1 minute' - now()))));
  end if;
  insert into public.twilio_calls (
    account_sid, direction, from_number, to_number, dial_number, agent_first, reference, placed_by, started_at)
  values (
    params ->> 'AccountSid', 'outbound-api', params ->> 'From', params ->> 'To', params ->> 'Dial',
    (params ->> 'AgentFirst')::boolean, params ->> 'Reference', placing_user, now())
  returning id into reserved;
  return jsonb_build_object('result', 'reserved', 'id', reserved);
end
$$;

-- A dry run of the whole way, undone: proves before any number points here that a callback would be stored.
create or replace function voicehooks.check_ingest() returns jsonb
language plpgsql volatile as $$
begin
  begin
    perform public.ingest_twilio_webhook(jsonb_build_object('kind', 'status', 'params', jsonb_build_object(
      'CallSid', 'CA' || repeat('0', 32), 'AccountSid', 'AC' || repeat('0', 32), 'CallStatus', 'completed')));
    raise exception 'undo' using errcode = 'VHCHK';
  exception when sqlstate 'VHCHK' then
    null;
  end;
  return jsonb_build_object('result', 'checked', 'schema_version', voicehooks.schema_version());
end
$$;

create or replace function public.ingest_twilio_webhook(jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  event alias for $1;
  kind constant text := event ->> 'kind';
  params constant jsonb := event -> 'params';
  path constant text := coalesce(event ->> 'path', '');
  received constant timestamptz := coalesce((event ->> 'received_at')::timestamptz, now());
  place constant uuid := (event ->> 'place')::uuid;
  account constant text := params ->> 'AccountSid';
  sid text := params ->> 'CallSid';
  parent text := params ->> 'ParentCallSid';
  recording text := params ->> 'RecordingSid';
  dialed text;
  status constant voicehooks.call_status := voicehooks.to_status(params ->> 'CallStatus');
  dial_status voicehooks.call_status;
  recording_status voicehooks.recording_status;
  sequence constant integer := voicehooks.to_int(params ->> 'SequenceNumber');
  occurred constant timestamptz := voicehooks.to_time(params ->> 'Timestamp');
  happened timestamptz;
  ended timestamptz;
begin
  if kind = 'check' then
    return voicehooks.check_ingest();
  elsif kind = 'place' then
    return voicehooks.reserve_call(event);
  end if;

  insert into public.twilio_call_events (event_key, call_sid, kind, sequence_number, params, path, occurred_at, received_at)
  values (
    case
      when kind = 'status' and sequence is not null then sid || ':status:' || sequence
      when kind = 'recording' and recording is not null then
        recording || ':recording:' || coalesce(params ->> 'RecordingStatus', '')
      else coalesce(sid, '-') || ':' || kind || ':'
        || encode(sha256(convert_to(path || e'\n' || params::text, 'UTF8')), 'hex')
    end,
    sid, kind, sequence, params, path, occurred, received)
  on conflict (event_key) do nothing;
  if not found then
    return '{"result": "duplicate"}';
  end if;

  if kind = 'refused' then
    update public.twilio_calls set status = 'failed', ended_at = received,
      error_code = voicehooks.to_int(params ->> 'ErrorCode'), error_message = params ->> 'ErrorMessage'
      where id = place and call_sid is null;
    return '{"result": "stored"}';
  end if;

  -- What has no proper SID, or is of a kind nobody knows yet, is kept as it came and derives nothing.
  if kind = 'other' or sid is null or sid !~ '^CA[0-9a-fA-F]{32}$' or account is null then
    return '{"result": "stored"}';
  end if;
  if parent !~ '^CA[0-9a-fA-F]{32}$' or parent = sid then
    parent := null;
  end if;
  if place is not null then
    perform voicehooks.link_placement(place, coalesce(parent, sid));
  end if;

  if kind <> 'recording' and not (kind = 'reconciled' and recording is not null) then
    happened := coalesce(occurred, voicehooks.to_time(params ->> 'StartTime'), received);
    if status >= 'completed' then
      ended := case when kind = 'reconciled' then voicehooks.to_time(params ->> 'EndTime') else coalesce(occurred, received) end;
    end if;
    perform voicehooks.merge_call(
      sid, parent, account, params ->> 'Direction', params ->> 'From', params ->> 'To', status,
      sequence, happened,
      -- Only a status callback tells its moment; the voice request is one itself.
      case when kind in ('voice', 'fallback') then coalesce(occurred, received) else occurred end,
      ended, voicehooks.to_int(params ->> 'CallDuration'), kind = 'record-action');
    if parent is not null then
      perform voicehooks.roll_up_legs(parent, account, happened);
    end if;

    -- The end of a <Dial> also tells how the dialed leg ended, should that leg's own callback be lost.
    if kind = 'dial-action' then
      dialed := params ->> 'DialCallSid';
      dial_status := voicehooks.to_status(params ->> 'DialCallStatus');
    end if;
    if dialed ~ '^CA[0-9a-fA-F]{32}$' and dialed <> sid and dial_status >= 'completed' then
      perform voicehooks.merge_call(
        dialed, sid, account, 'outbound-dial', null, null, dial_status, null, received, null,
        received, voicehooks.to_int(params ->> 'DialCallDuration'), false);
      perform voicehooks.roll_up_legs(sid, account, received);
    end if;
  end if;

  -- Recordings: their own callback, or the mention of one in a call's callback (then it is being made).
  recording := coalesce(recording, substring(params ->> 'RecordingUrl' from '/(RE[0-9a-fA-F]{32})$'));
  if recording ~ '^RE[0-9a-fA-F]{32}$' then
    recording_status := voicehooks.to_recording_status(coalesce(params ->> 'RecordingStatus', 'processing'));
    if recording_status is not null then
      perform voicehooks.merge_recording(recording, coalesce(parent, sid), account, recording_status, params, received);
    end if;
  end if;
  return '{"result": "stored"}';
end
$$;

comment on function public.ingest_twilio_webhook(jsonb) is
  'voicehooks: the one way into twilio_calls, twilio_call_events and twilio_recordings; service role only';

revoke all on all functions in schema voicehooks from public;
revoke all on function public.ingest_twilio_webhook(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.ingest_twilio_webhook(jsonb) to service_role;
