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

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261124090200' $$;

comment on function voicehooks.schema_version() is
  'voicehooks: version of the newest migration; a check request reports it';

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
