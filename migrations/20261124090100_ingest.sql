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

-- A CallStatus, and a RecordingStatus; null for a word that nobody knows yet. Word by word, because a cast from
-- text would keep Postgres from inlining these, and they run for every callback.
create or replace function voicehooks.to_status(value text) returns voicehooks.call_status
language sql immutable parallel safe as $$
  select case value
    when 'queued' then 'queued'::voicehooks.call_status when 'initiated' then 'initiated'::voicehooks.call_status
    when 'ringing' then 'ringing'::voicehooks.call_status
    when 'in-progress' then 'in-progress'::voicehooks.call_status
    when 'completed' then 'completed'::voicehooks.call_status when 'busy' then 'busy'::voicehooks.call_status
    when 'no-answer' then 'no-answer'::voicehooks.call_status when 'failed' then 'failed'::voicehooks.call_status
    when 'canceled' then 'canceled'::voicehooks.call_status end
$$;

create or replace function voicehooks.to_recording_status(value text) returns voicehooks.recording_status
language sql immutable parallel safe as $$
  select case value
    when 'in-progress' then 'in-progress'::voicehooks.recording_status
    when 'paused' then 'paused'::voicehooks.recording_status
    when 'stopped' then 'stopped'::voicehooks.recording_status
    when 'processing' then 'processing'::voicehooks.recording_status
    when 'absent' then 'absent'::voicehooks.recording_status
    when 'failed' then 'failed'::voicehooks.recording_status
    when 'completed' then 'completed'::voicehooks.recording_status
    when 'deleted' then 'deleted'::voicehooks.recording_status end
$$;

-- How far an event has come: its step; between ends (equals) the SequenceNumber, and one without counts as
-- earlier; then the status, so that no two differ only in which came first.
create or replace function voicehooks.status_order(status voicehooks.call_status, sequence integer) returns integer
language sql immutable parallel safe as $$
  select case status
    when 'queued' then 0 when 'initiated' then 1 when 'ringing' then 2 when 'in-progress' then 3
    when 'completed' then 4 when 'busy' then 5 when 'no-answer' then 6 when 'failed' then 7 when 'canceled' then 8
    else 0 end + case when status >= 'completed' then 16 * (1 + least(coalesce(sequence, -1), 100000000) + 1) else 0 end
$$;

create or replace function voicehooks.is_sid(prefix text, value text) returns boolean
language sql immutable parallel safe as $$
  select coalesce(length(value) = 34 and starts_with(value, prefix) and value ~ '^[A-Z]{2}[0-9a-fA-F]+$', false)
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

-- What a CRM shows for a leg that is watched by itself.
create or replace function voicehooks.display_of(status voicehooks.call_status) returns voicehooks.display_status
language sql immutable parallel safe as $$
  select case status
    when 'ringing' then 'ringing'::voicehooks.display_status
    when 'in-progress' then 'connected'::voicehooks.display_status
    when 'completed' then 'completed'::voicehooks.display_status
    when 'busy' then 'busy'::voicehooks.display_status
    when 'no-answer' then 'no-answer'::voicehooks.display_status
    when 'failed' then 'failed'::voicehooks.display_status
    when 'canceled' then 'canceled'::voicehooks.display_status
    else 'connecting'::voicehooks.display_status end
$$;

-- The derived columns, from the merged ones. A trigger, so that they can never disagree.
create or replace function voicehooks.derive_call() returns trigger
language plpgsql as $$
declare
  display voicehooks.display_status;
begin
  if new.call_sid is null and new.status not in ('queued', 'failed') then
    raise exception 'a call that Twilio has not named cannot be %', new.status using errcode = 'check_violation';
  end if;
  new.updated_at := now();
  if new.agent_first or new.from_number like 'client:%'
     or (new.agent_first is null and new.direction = 'outbound-api' and new.dial_status is not null) then
    -- The dialed leg is the lead's: a click-to-call that rang the agent first, a call from a browser, an
    -- outgoing call of the CRM's own code that dials somebody.
    display := voicehooks.display_of(new.dial_status);
    if display = 'connecting' and new.status >= 'completed' then
      display := voicehooks.display_of(new.status);
      if display = 'completed' then
        display := 'canceled';
      end if;
    elsif display = 'ringing' and new.status >= 'completed' then
      display := 'canceled';
    elsif display = 'connected' and new.status >= 'completed' then
      display := 'completed';
    end if;
    new.display_status := display;
    new.lead_number := new.dial_number;
    new.agent_answered_at := new.answered_at;
    if new.from_number like 'client:%' then
      new.agent_answered_at := coalesce(new.answered_at, new.ringing_at);
    end if;
    new.talking_since := new.dial_answered_at;
  elsif new.direction = 'inbound' then
    if new.dial_status = 'completed' or (new.dial_status = 'in-progress' and new.status >= 'completed') then
      display := 'completed';
    elsif new.dial_status = 'in-progress' then
      display := 'connected';
    elsif new.left_voicemail then
      display := 'voicemail';
    elsif new.status < 'completed' then
      -- Until somebody answers the caller hears it ring, also while Twilio calls the leg in-progress.
      display := case when new.status >= 'ringing' then 'ringing' else 'connecting' end;
    elsif new.dial_status is null then
      display := voicehooks.display_of(new.status);
    else
      display := 'missed';
    end if;
    new.display_status := display;
    new.lead_number := case when new.parent_call_sid is null then new.from_number end;
    new.agent_answered_at := new.dial_answered_at;
    new.talking_since := new.dial_answered_at;
  else
    new.display_status := voicehooks.display_of(new.status);
    if new.parent_call_sid is null then
      new.lead_number := new.to_number;
      new.agent_answered_at := new.dial_answered_at;
    else
      new.lead_number := null;
    end if;
    new.talking_since := new.answered_at;
    if new.status = 'completed' then
      new.talk_seconds := new.duration_seconds;
    elsif new.status > 'completed' then
      new.talk_seconds := 0;
    end if;
    return new;
  end if;

  -- Talking is what the dialed leg did.
  new.talk_seconds := case
    when new.dial_status in ('in-progress', 'completed') then new.dial_seconds
    when new.status >= 'completed' then 0 end;
  return new;
end
$$;

create or replace trigger voicehooks_derive before insert or update on public.twilio_calls
  for each row execute function voicehooks.derive_call();

-- Merges what one event says about one leg.
create or replace function voicehooks.merge_call(
  kind text, params jsonb, sid text, parent text, account text, status voicehooks.call_status, sequence integer,
  occurred timestamptz, received timestamptz
) returns void
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  happened timestamptz;
  step_at timestamptz;
  ended timestamptz;
  progress constant integer := voicehooks.status_order(status, sequence);
  duration constant integer := voicehooks.to_int(params ->> 'CallDuration');
  voicemail constant boolean := kind = 'record-action' and params ->> 'RecordingDuration' is distinct from '0';
begin
  if kind = 'status' and occurred is not null then
    happened := occurred;
    step_at := occurred;
    ended := case when status >= 'completed' then occurred end;
  elsif kind = 'reconciled' then
    happened := coalesce(voicehooks.to_time(params ->> 'StartTime'), received);
    ended := case when status >= 'completed' then voicehooks.to_time(params ->> 'EndTime') end;
  else
    happened := coalesce(occurred, received);
    -- Other requests do not tell when a step was, except the voice request, which is one itself.
    step_at := case when kind in ('voice', 'fallback') then happened else occurred end;
    ended := case when status >= 'completed' then happened end;
  end if;

  loop
    update public.twilio_calls c set
      parent_call_sid = least(c.parent_call_sid, parent),
      direction = least(c.direction, params ->> 'Direction'),
      from_number = least(c.from_number, params ->> 'From'),
      to_number = least(c.to_number, params ->> 'To'),
      status = case when progress > c.status_order then merge_call.status else c.status end,
      status_order = greatest(c.status_order, progress),
      started_at = least(c.started_at, happened),
      initiated_at = case when merge_call.status = 'initiated' then least(c.initiated_at, step_at) else c.initiated_at end,
      ringing_at = case when merge_call.status = 'ringing' then least(c.ringing_at, step_at) else c.ringing_at end,
      answered_at = case when merge_call.status = 'in-progress' then least(c.answered_at, step_at) else c.answered_at end,
      ended_at = least(c.ended_at, ended),
      duration_seconds = greatest(c.duration_seconds, duration),
      left_voicemail = c.left_voicemail or voicemail
    where c.call_sid = sid;
    exit when found;
    insert into public.twilio_calls (
      call_sid, parent_call_sid, account_sid, direction, from_number, to_number, status, status_order,
      started_at, initiated_at, ringing_at, answered_at, ended_at, duration_seconds, left_voicemail)
    values (
      sid, parent, account, params ->> 'Direction', params ->> 'From', params ->> 'To',
      coalesce(status, 'queued'), progress, happened,
      case status when 'initiated' then step_at end, case status when 'ringing' then step_at end,
      case status when 'in-progress' then step_at end, ended, duration, voicemail)
    on conflict (call_sid) do nothing;
    exit when found;
  end loop;
end
$$;

-- The end of a <Dial> also tells how the dialed leg ended, should that leg's own callback be lost.
-- Returns whether it did.
create or replace function voicehooks.merge_dialed_leg(params jsonb, parent text, account text, received timestamptz)
returns boolean
language plpgsql volatile as $$
declare
  dialed constant text := params ->> 'DialCallSid';
  status constant voicehooks.call_status := voicehooks.to_status(params ->> 'DialCallStatus');
begin
  if voicehooks.is_sid('CA', dialed) and dialed <> parent and status >= 'completed' then
    perform voicehooks.merge_call('dialed', jsonb_build_object(
        'Direction', 'outbound-dial', 'CallDuration', params ->> 'DialCallDuration'),
      dialed, parent, account, status, null, null, received);
    return true;
  end if;
  return false;
end
$$;

-- Tells a call what became of the legs it dialed. The call's row is locked before the legs are read, so that
-- the last of several concurrent events sees them all.
create or replace function voicehooks.roll_up_legs(parent text, account text) returns void
language plpgsql volatile as $$
begin
  perform from public.twilio_calls where call_sid = parent for no key update;
  if not found then
    insert into public.twilio_calls (call_sid, account_sid) values (parent, account)
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

-- Merges what an event says about a recording: its own callback, or its mention in a call's (then it is being
-- made). Its call may not be known yet: then a row waits for it.
create or replace function voicehooks.merge_recording(params jsonb, call text, account text, received timestamptz)
returns void
language plpgsql volatile as $$
declare
  sid constant text := coalesce(params ->> 'RecordingSid', substring(params ->> 'RecordingUrl' from '/(RE[0-9a-fA-F]+)$'));
  status constant voicehooks.recording_status :=
    voicehooks.to_recording_status(coalesce(params ->> 'RecordingStatus', 'processing'));
  began constant timestamptz := voicehooks.to_time(params ->> 'RecordingStartTime');
begin
  if not voicehooks.is_sid('RE', sid) or status is null then
    return;
  end if;
  insert into public.twilio_calls as c (call_sid, account_sid, started_at, left_voicemail)
    values (call, account, coalesce(began, received), coalesce(
      params ->> 'RecordingSource' = 'RecordVerb' and status = 'completed' and params ->> 'RecordingDuration' <> '0', false))
    on conflict (call_sid) do update set
      started_at = least(c.started_at, excluded.started_at),
      left_voicemail = c.left_voicemail or excluded.left_voicemail;
  insert into public.twilio_recordings as r (
    recording_sid, call_sid, account_sid, status, duration_seconds, channels, source, track, url, error_code, started_at)
  values (
    sid, call, account, status, voicehooks.to_int(params ->> 'RecordingDuration'),
    case when params ->> 'RecordingChannels' in ('1', '2') then (params ->> 'RecordingChannels')::smallint end,
    params ->> 'RecordingSource', params ->> 'RecordingTrack', params ->> 'RecordingUrl',
    nullif(voicehooks.to_int(params ->> 'ErrorCode'), 0), began)
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
      set call_sid = sid, status = 'queued', status_order = 0, error_code = null, error_message = null, ended_at = null
      where id = place and call_sid is null;
  exception when unique_violation then
    -- The call already has a row (a reconciled one, say): that row takes over what was reserved.
    with reserved as (
      delete from public.twilio_calls where id = place and call_sid is null
      returning reference, placed_by, agent_first, direction, from_number, to_number, dial_number, started_at, created_at
    )
    update public.twilio_calls c set
      reference = reserved.reference, placed_by = reserved.placed_by, agent_first = reserved.agent_first,
      direction = least(c.direction, reserved.direction), from_number = least(c.from_number, reserved.from_number),
      to_number = least(c.to_number, reserved.to_number), dial_number = least(c.dial_number, reserved.dial_number),
      started_at = least(c.started_at, reserved.started_at), created_at = reserved.created_at
    from reserved where c.call_sid = sid;
  end;
end
$$;

-- Twilio refused the call that place-call had reserved.
create or replace function voicehooks.refuse_placement(place uuid, params jsonb, received timestamptz) returns void
language sql volatile as $$
  update public.twilio_calls set status = 'failed', ended_at = received,
    error_code = voicehooks.to_int(params ->> 'ErrorCode'), error_message = params ->> 'ErrorMessage'
  where id = place and call_sid is null
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
    (params ->> 'AgentFirst')::boolean, params ->> 'Reference', placing_user,
    coalesce((event ->> 'received_at')::timestamptz, now()))
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
#variable_conflict use_variable
declare
  event alias for $1;
  params constant jsonb := event -> 'params';
  kind text;
  path text;
  place uuid;
  received timestamptz;
  occurred timestamptz;
  sid text;
  parent text;
  account text;
  recording text;
  status voicehooks.call_status;
  sequence integer;
  key text;
  about_leg boolean;
  dialed boolean;
begin
  -- One statement reads them all: each expression of its own would cost as much.
  select event ->> 'kind', coalesce(event ->> 'path', ''), (event ->> 'place')::uuid,
      coalesce((event ->> 'received_at')::timestamptz, now()), voicehooks.to_time(params ->> 'Timestamp'),
      params ->> 'CallSid', params ->> 'ParentCallSid', params ->> 'AccountSid', params ->> 'RecordingSid',
      voicehooks.to_status(params ->> 'CallStatus'), voicehooks.to_int(params ->> 'SequenceNumber')
    into kind, path, place, received, occurred, sid, parent, account, recording, status, sequence;

  if kind = 'status' and sequence is not null then
    key := sid || ':status:' || sequence;
  elsif kind = 'check' then
    return voicehooks.check_ingest();
  elsif kind = 'place' then
    return voicehooks.reserve_call(event);
  elsif kind = 'recording' and recording is not null then
    key := recording || ':recording:' || coalesce(params ->> 'RecordingStatus', '');
  else
    key := coalesce(sid, place::text, '-') || ':' || kind || ':'
      || encode(sha256(convert_to(path || e'\n' || params::text, 'UTF8')), 'hex');
  end if;

  insert into public.twilio_call_events (event_key, call_sid, kind, sequence_number, params, path, occurred_at, received_at)
    values (key, sid, kind, sequence, params, path, occurred, received)
    on conflict (event_key) do nothing;
  if not found then
    return '{"result": "duplicate"}';
  end if;

  if kind = 'refused' then
    perform voicehooks.refuse_placement(place, params, received);
  -- What has no proper SID, or is of a kind nobody knows yet, is kept as it came and derives nothing.
  elsif kind <> 'other' and voicehooks.is_sid('CA', sid) and voicehooks.is_sid('AC', account) then
    if not voicehooks.is_sid('CA', parent) or parent = sid then
      parent := null;
    end if;
    about_leg := kind <> 'recording' and (kind <> 'reconciled' or recording is null);
    -- Rows are locked in one order, so that concurrent events never wait for each other in a circle: the dialed
    -- leg, the call that dialed it, a recording.
    dialed := kind = 'dial-action' and voicehooks.merge_dialed_leg(params, sid, account, received);
    if about_leg and parent is not null then
      perform voicehooks.merge_call(kind, params, sid, parent, account, status, sequence, occurred, received);
    end if;
    if place is not null then
      perform voicehooks.link_placement(place, coalesce(parent, sid));
    end if;
    if about_leg and parent is null then
      perform voicehooks.merge_call(kind, params, sid, parent, account, status, sequence, occurred, received);
    end if;
    if dialed then
      perform voicehooks.roll_up_legs(sid, account);
    end if;
    if about_leg and parent is not null then
      perform voicehooks.roll_up_legs(parent, account);
    end if;
    if recording is not null or params ? 'RecordingUrl' then
      perform voicehooks.merge_recording(params, coalesce(parent, sid), account, received);
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
