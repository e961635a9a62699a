-- How a call's row is made from what its events say: the functions that ingest_twilio_webhook (next migration)
-- calls, and the trigger that derives what a CRM shows.
--
-- Why order cannot matter: a raw row goes in once, by its key. What it says is merged into the call's row by
-- operations that do not care for order: the highest step wins (rank, then SequenceNumber), moments take the
-- earliest, durations the greatest, and least() keeps the known value where there is only one to know.
-- What is shown is computed from the merged columns by a trigger.

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

-- Nobody calls these but ingest_twilio_webhook.
revoke all on all functions in schema voicehooks from public;
