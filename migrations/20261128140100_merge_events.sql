-- How what an event says is merged into the rows: the order in which rows are locked, and one function for each
-- row that an event may be about. ingest_twilio_webhook (next migration) calls them, a batch of events will too.
--
-- Why order of arrival cannot matter: see the second migration. Two rules are new: what `reconcile` read from
-- Twilio about a call's parent outranks what a request claims, and a recording is touched only by an event of its
-- own call or of a leg of that call.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128140100' $$;

alter table public.twilio_calls add column if not exists parent_reconciled boolean not null default false;
comment on column public.twilio_calls.parent_reconciled is
  'whether parent_call_sid (or that there is none) was read from Twilio''s API, which outranks callbacks';

-- Locks a call's row, and creates it if it does not exist. A caller that needs several calls takes them in the order of
-- their SIDs, whether a row is locked, updated or inserted: then each transaction waits only for a call beyond those
-- it holds, so that no two can wait for each other in a circle. Recordings are taken after calls.
create or replace function voicehooks.lock_call(sid text, account text) returns void
language plpgsql volatile as $$
begin
  loop
    perform from public.twilio_calls c where c.call_sid = sid for no key update;
    exit when found;
    insert into public.twilio_calls (call_sid, account_sid) values (sid, account) on conflict (call_sid) do nothing;
    exit when found;
  end loop;
end
$$;

-- Merges what one event says about one leg; returns the call that dialed this leg, as far as is known.
create or replace function voicehooks.merge_leg(e voicehooks.twilio_event) returns text
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  happened timestamptz;
  step_at timestamptz;
  ended timestamptz;
  parent text;
  reconciled constant boolean := e.kind = 'reconciled';
  over constant boolean := e.status >= 'completed';
  progress constant integer := voicehooks.status_order(e.status, e.sequence_number);
  duration constant integer :=
    case when e.kind in ('status', 'reconciled', 'dialed') then voicehooks.to_int(e.params ->> 'CallDuration') end;
  voicemail constant boolean := e.kind = 'record-action' and e.params ->> 'RecordingDuration' is distinct from '0';
begin
  if e.kind = 'status' and e.occurred_at is not null then
    happened := e.occurred_at;
    step_at := e.occurred_at;
    ended := case when over then e.occurred_at end;
  elsif reconciled then
    happened := coalesce(voicehooks.to_time(e.params ->> 'StartTime'), e.received_at);
    ended := case when over then voicehooks.to_time(e.params ->> 'EndTime') end;
  else
    happened := coalesce(e.occurred_at, e.received_at);
    -- Other requests do not have the time of a step, except the voice request, which is a step itself.
    step_at := case when e.kind in ('voice', 'fallback') then happened else e.occurred_at end;
    ended := case when over then happened end;
  end if;

  -- If another transaction inserts the row in between, the next attempt updates it.
  for attempt in 1..3 loop
    update public.twilio_calls c set
      parent_call_sid = case when reconciled then e.parent_call_sid when c.parent_reconciled then c.parent_call_sid
        else coalesce(c.parent_call_sid, e.parent_call_sid) end,
      parent_reconciled = c.parent_reconciled or reconciled,
      direction = least(nullif(c.direction, ''), voicehooks.text_of(e.params, 'Direction')),
      from_number = least(nullif(c.from_number, ''), voicehooks.party_of(e.params, 'From')),
      to_number = least(nullif(c.to_number, ''), voicehooks.party_of(e.params, 'To')),
      status = case when progress > c.status_order then e.status else c.status end,
      status_order = greatest(c.status_order, progress),
      started_at = least(c.started_at, happened),
      initiated_at = case when e.status = 'initiated' then least(c.initiated_at, step_at) else c.initiated_at end,
      ringing_at = case when e.status = 'ringing' then least(c.ringing_at, step_at) else c.ringing_at end,
      answered_at = case when e.status = 'in-progress' then least(c.answered_at, step_at) else c.answered_at end,
      ended_at = least(c.ended_at, ended),
      duration_seconds = greatest(c.duration_seconds, duration),
      left_voicemail = c.left_voicemail or voicemail
    where c.call_sid = e.call_sid
    returning c.parent_call_sid into parent;
    if found then
      return parent;
    end if;
    insert into public.twilio_calls (
      call_sid, parent_call_sid, parent_reconciled, account_sid, direction, from_number, to_number, status,
      status_order, started_at, initiated_at, ringing_at, answered_at, ended_at, duration_seconds, left_voicemail)
    values (
      e.call_sid, e.parent_call_sid, reconciled, e.account_sid, voicehooks.text_of(e.params, 'Direction'),
      voicehooks.party_of(e.params, 'From'), voicehooks.party_of(e.params, 'To'),
      coalesce(e.status, 'queued'), progress, happened,
      case when e.status = 'initiated' then step_at end, case when e.status = 'ringing' then step_at end,
      case when e.status = 'in-progress' then step_at end, ended, duration, voicemail)
    on conflict (call_sid) do nothing;
    if found then
      return e.parent_call_sid;
    end if;
  end loop;
  raise exception 'call % can neither be updated nor inserted: does a trigger on twilio_calls skip its row?', e.call_sid;
end
$$;

-- The end of a <Dial> also says how the dialed leg ended, in case that leg's own callback is lost. Returns whether
-- the row was updated: a call without a parent is not a leg, and a leg of another call stays that call's leg. The
-- rows are locked.
create or replace function voicehooks.merge_dialed_leg(e voicehooks.twilio_event) returns boolean
language plpgsql volatile as $$
declare
  leg voicehooks.twilio_event := e;
begin
  perform from public.twilio_calls c where c.call_sid = e.dialed_sid
    and (coalesce(nullif(c.direction, ''), 'outbound-dial') <> 'outbound-dial'
      or coalesce(c.parent_call_sid, e.call_sid) <> e.call_sid or c.parent_reconciled and c.parent_call_sid is null);
  if found then
    return false;
  end if;
  leg.kind := 'dialed';
  leg.call_sid := e.dialed_sid;
  leg.parent_call_sid := e.call_sid;
  leg.status := voicehooks.to_status(e.params ->> 'DialCallStatus');
  leg.sequence_number := null;
  leg.params := jsonb_build_object('Direction', 'outbound-dial', 'CallDuration', e.params ->> 'DialCallDuration');
  perform voicehooks.merge_leg(leg);
  return true;
end
$$;

-- Updates a call with the outcome of the legs it dialed. The call's row is locked, so that the last of several concurrent
-- events sees all legs.
create or replace function voicehooks.roll_up_legs(parent text) returns void
language plpgsql volatile as $$
begin
  update public.twilio_calls c set
    started_at = least(c.started_at, legs.started_at),
    dial_status = legs.status,
    dial_number = least(nullif(c.dial_number, ''), legs.number),
    dial_answered_at = legs.answered_at,
    dial_seconds = legs.seconds
  from (
    select
      min(leg.started_at) as started_at,
      min(leg.to_number) as number,
      min(leg.answered_at) as answered_at,
      -- The durations come from Twilio, and their sum may be too large for the column.
      least(sum(leg.duration_seconds) filter (where leg.step >= 8), 2147483647)::integer as seconds,
      -- The leg that got furthest decides; null: no leg (any more).
      case max(leg.step)
        when 9 then 'in-progress' when 8 then 'completed' when 7 then 'ringing' when 6 then 'initiated'
        when 5 then 'queued' when 4 then 'busy' when 3 then 'no-answer' when 2 then 'failed' when 1 then 'canceled'
      end::voicehooks.call_status as status
    from (
      select l.started_at, nullif(l.to_number, '') as to_number, l.answered_at, l.duration_seconds, case
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

-- Whether one of two calls is a leg that the other dialed.
create or replace function voicehooks.is_family(one text, other text) returns boolean
language plpgsql stable as $$
begin
  return exists (select from public.twilio_calls leg
    where leg.call_sid = one and leg.parent_call_sid = other or leg.call_sid = other and leg.parent_call_sid = one);
end
$$;

-- Merges what an event says about a recording: its own callback, or its mention in a call's (then it is being
-- made). Its call may not be known yet: then a row waits for it. A recording of another call stays as it is,
-- unless the event is what `reconcile` read from Twilio.
create or replace function voicehooks.merge_recording(e voicehooks.twilio_event) returns void
language plpgsql volatile as $$
declare
  call constant text := coalesce(e.parent_call_sid, e.call_sid);
  status constant voicehooks.recording_status :=
    voicehooks.to_recording_status(coalesce(e.params ->> 'RecordingStatus', 'processing'));
  began constant timestamptz := voicehooks.to_time(e.params ->> 'RecordingStartTime');
begin
  if not voicehooks.is_sid('RE', e.recording_sid) or status is null then
    return;
  end if;
  insert into public.twilio_calls as c (call_sid, account_sid, started_at, left_voicemail)
    values (call, e.account_sid, coalesce(began, e.received_at), coalesce(
      e.params ->> 'RecordingSource' = 'RecordVerb' and status = 'completed'
        and e.params ->> 'RecordingDuration' <> '0', false))
    on conflict (call_sid) do update set
      started_at = least(c.started_at, excluded.started_at),
      left_voicemail = c.left_voicemail or excluded.left_voicemail;
  insert into public.twilio_recordings as r (
    recording_sid, call_sid, account_sid, status, duration_seconds, channels, source, track, url, error_code, started_at)
  values (
    e.recording_sid, call, e.account_sid, status, voicehooks.to_int(e.params ->> 'RecordingDuration'),
    case when e.params ->> 'RecordingChannels' in ('1', '2') then (e.params ->> 'RecordingChannels')::smallint end,
    voicehooks.text_of(e.params, 'RecordingSource'), voicehooks.text_of(e.params, 'RecordingTrack'),
    voicehooks.text_of(e.params, 'RecordingUrl'), nullif(voicehooks.to_int(e.params ->> 'ErrorCode'), 0), began)
  on conflict (recording_sid) do update set
    call_sid = case when r.call_sid in (call, e.call_sid) or voicehooks.is_family(r.call_sid, e.call_sid)
      then least(r.call_sid, excluded.call_sid) else excluded.call_sid end,
    status = greatest(r.status, excluded.status),
    duration_seconds = greatest(r.duration_seconds, excluded.duration_seconds),
    channels = greatest(r.channels, excluded.channels),
    source = least(nullif(r.source, ''), excluded.source),
    track = least(nullif(r.track, ''), excluded.track),
    url = least(nullif(r.url, ''), excluded.url),
    error_code = greatest(r.error_code, excluded.error_code),
    started_at = least(r.started_at, excluded.started_at),
    updated_at = now()
  where r.call_sid in (call, e.call_sid) or e.kind = 'reconciled' or voicehooks.is_family(r.call_sid, e.call_sid);
end
$$;

-- Merges a stored event into its rows. An event without a valid SID, or of an unknown kind, changes no row. Raises
-- the database's errors; the caller decides what to do with the event.
--
-- Returns true, so that it can be called in an expression: `perform` runs a query, which costs more.
create or replace function voicehooks.merge_event(e voicehooks.twilio_event) returns boolean
language plpgsql volatile as $$
declare
  about_leg constant boolean := e.kind <> 'recording' and (e.kind <> 'reconciled' or e.recording_sid is null);
  -- Other calls that the event names, and the call that dialed this one in the end.
  others text[];
  other text;
  former text;
  parent text;
begin
  if not e.has_sids or e.kind in ('refused', 'other') then
    if e.kind = 'refused' then
      perform voicehooks.refuse_placement(e.place, e.params, e.received_at);
    end if;
    return true;
  end if;
  if e.place is not null then
    perform voicehooks.link_placement(e.place, coalesce(e.parent_call_sid, e.call_sid));
  end if;
  if e.kind = 'reconciled' then
    select nullif(c.parent_call_sid, e.parent_call_sid) into former from public.twilio_calls c
      where c.call_sid = e.call_sid and about_leg;
  end if;
  if coalesce(e.parent_call_sid, e.dialed_sid, former) is null then
    -- About one call only, as most events are.
    if about_leg then
      parent := voicehooks.merge_leg(e);
    end if;
  else
    if e.dialed_sid is null and former is null then
      others := array[e.parent_call_sid];
    else
      others := array(select sid from unnest(array[e.parent_call_sid, e.dialed_sid, former]) sid
        where sid is not null order by sid);
    end if;
    foreach other in array others loop
      if other < e.call_sid then
        perform voicehooks.lock_call(other, e.account_sid);
      end if;
    end loop;
    if about_leg then
      parent := voicehooks.merge_leg(e);
    end if;
    foreach other in array others loop
      if other > e.call_sid then
        perform voicehooks.lock_call(other, e.account_sid);
      end if;
    end loop;
    if e.dialed_sid is not null and voicehooks.merge_dialed_leg(e) then
      perform voicehooks.roll_up_legs(e.call_sid);
    end if;
    if about_leg and e.parent_call_sid is not null then
      perform voicehooks.roll_up_legs(parent);
    end if;
    if former is not null and former is distinct from parent then
      perform voicehooks.roll_up_legs(former);
    end if;
  end if;
  if e.recording_sid is not null then
    perform voicehooks.merge_recording(e);
  end if;
  return true;
end
$$;

revoke all on all functions in schema voicehooks from public;
