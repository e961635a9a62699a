-- ingest_twilio_webhooks: many events in one transaction, so that callbacks that arrive together share a request and
-- a commit. What an event does is the same code as for one event.
--
-- Why no two transactions can wait for each other in a circle: each inserts the keys of its events first, in order,
-- and then locks calls in the order of their SIDs, and recordings, in the order of theirs, after the calls. Who waits
-- for a key holds no row, and who waits for a row waits only for one beyond those it holds. Hosted Postgres looks
-- for a circle only after a second, and a live call does not wait that long.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261129090000' $$;

-- Whether an event is about one call only, as most are.
create or replace function voicehooks.is_about_one_call(e voicehooks.twilio_event) returns boolean
language plpgsql immutable as $$
begin
  return coalesce(e.parent_call_sid, e.dialed_sid, e.recording_sid) is null
    and e.kind not in ('reconciled', 'recording');
end
$$;

-- The calls whose rows an event may change, each with the row that place-call reserved for it. The call that dialed
-- this one according to its row is one of them: what a leg did is added up there.
create or replace function voicehooks.calls_of(e voicehooks.twilio_event)
returns table (sid text, account text, place uuid)
language sql stable as $$
  select named.sid, e.account_sid, case when named.sid = coalesce(e.parent_call_sid, e.call_sid) then e.place end
  from (
    select unnest(array[e.call_sid, e.parent_call_sid, e.dialed_sid])
    union
    select c.parent_call_sid from public.twilio_calls c where c.call_sid = e.call_sid
  ) named (sid)
  where named.sid is not null
$$;

-- Locks a call's row; the row that place-call reserved for it becomes the call's first.
create or replace function voicehooks.lock_call(sid text, account text, place uuid) returns void
language plpgsql volatile as $$
begin
  if place is not null then
    perform voicehooks.link_placement(place, sid);
  end if;
  perform voicehooks.lock_call(sid, account);
end
$$;

-- Merges what an event says into rows that are locked.
create or replace function voicehooks.merge_locked(e voicehooks.twilio_event) returns void
language plpgsql volatile as $$
declare
  former text;
  parent text;
begin
  if e.kind <> 'recording' and (e.kind <> 'reconciled' or e.recording_sid is null) then
    if e.kind = 'reconciled' then
      select c.parent_call_sid into former from public.twilio_calls c where c.call_sid = e.call_sid;
    end if;
    parent := voicehooks.merge_leg(e);
    if e.dialed_sid is not null and voicehooks.merge_dialed_leg(e) then
      perform voicehooks.roll_up_legs(e.call_sid);
    end if;
    if e.parent_call_sid is not null then
      perform voicehooks.roll_up_locked(parent, e);
    end if;
    if former is distinct from parent then
      perform voicehooks.roll_up_locked(former, e);
    end if;
  end if;
  if e.recording_sid is not null then
    perform voicehooks.merge_recording(e);
  end if;
end
$$;

-- Updates the call that dialed a leg. If the leg was moved to another call just before it was locked, this call is not
-- locked, and waiting for it now would be out of order.
create or replace function voicehooks.roll_up_locked(parent text, e voicehooks.twilio_event) returns void
language plpgsql volatile as $$
begin
  if parent is distinct from e.parent_call_sid then
    perform from public.twilio_calls c where c.call_sid = parent for no key update nowait;
  end if;
  perform voicehooks.roll_up_legs(parent);
end
$$;

-- Merges a stored event into its rows. An event without a valid SID, or of an unknown kind, changes no row. Raises
-- the database's errors; the caller decides what to do with the event.
--
-- Returns true, so that it can be called in an expression: `perform` runs a query, which costs more.
create or replace function voicehooks.merge_event(e voicehooks.twilio_event) returns boolean
language plpgsql volatile as $$
declare
  call record;
begin
  if not e.has_sids or e.kind in ('refused', 'other') then
    if e.kind = 'refused' then
      perform voicehooks.refuse_placement(e.place, e.params, e.received_at);
    end if;
  elsif voicehooks.is_about_one_call(e) then
    if e.place is not null then
      perform voicehooks.link_placement(e.place, e.call_sid);
    end if;
    perform voicehooks.merge_leg(e);
  else
    for call in select c.* from voicehooks.calls_of(e) c order by c.sid loop
      perform voicehooks.lock_call(call.sid, call.account, call.place);
    end loop;
    perform voicehooks.merge_locked(e);
  end if;
  return true;
end
$$;

-- Stores events in one go; raises the error of the first that cannot be stored.
create or replace function voicehooks.store_events(events jsonb) returns jsonb
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  batch voicehooks.twilio_event[];
  -- Where each stands in `events`, from 1.
  places integer[];
  inserted text[];
  results text[] := array_fill('duplicate'::text, array[jsonb_array_length(events)]);
  e voicehooks.twilio_event;
  previous_key text := '';
  -- In the order of their calls.
  simple voicehooks.twilio_event[] := '{}';
  others voicehooks.twilio_event[] := '{}';
  sids text[];
  accounts text[];
  reserved uuid[];
  locked integer := 0;
begin
  select array_agg(r order by r.event_key, raw.n), array_agg(raw.n order by r.event_key, raw.n) into batch, places
    from jsonb_array_elements(events) with ordinality raw (event, n), lateral voicehooks.read_event(raw.event) r;
  with stored as (
    insert into public.twilio_call_events as o (
      event_key, call_sid, kind, sequence_number, params, path, occurred_at, received_at, nul_replaced)
    select b.event_key, b.call_sid, b.kind, b.sequence_number, b.params, b.path, b.occurred_at, b.received_at,
      b.nul_replaced
    from unnest(batch) b
    where b.former_key is null or not exists (select from public.twilio_call_events former
      where former.event_key = b.former_key
        and former.params -> 'CallStatus' is not distinct from b.params -> 'CallStatus')
    order by b.event_key
    on conflict (event_key) do nothing
    returning o.event_key
  ) select coalesce(array_agg(event_key), '{}') into inserted from stored;
  for i in 1..coalesce(array_length(batch, 1), 0) loop
    e := batch[i];
    if e.event_key <> previous_key and e.event_key = any (inserted) then
      results[places[i]] := 'stored';
      if e.has_sids and e.kind <> 'other' then
        if voicehooks.is_about_one_call(e) then
          simple := simple || e;
        else
          others := others || e;
        end if;
      end if;
    end if;
    previous_key := e.event_key;
  end loop;
  if others <> '{}' then
    select array_agg(c.sid order by c.sid), array_agg(c.account order by c.sid), array_agg(c.place order by c.sid)
      into sids, accounts, reserved
      from (
        select named.sid, min(named.account) as account, (array_agg(named.place order by named.place))[1] as place
        from unnest(others) o, lateral voicehooks.calls_of(o) named group by named.sid
      ) c;
  end if;
  foreach e in array array(select s from unnest(simple) s order by s.call_sid) loop
    while sids[locked + 1] <= e.call_sid loop
      locked := locked + 1;
      perform voicehooks.lock_call(sids[locked], accounts[locked], reserved[locked]);
    end loop;
    if e.place is not null then
      perform voicehooks.link_placement(e.place, e.call_sid);
    end if;
    perform voicehooks.merge_leg(e);
  end loop;
  while sids[locked + 1] is not null loop
    locked := locked + 1;
    perform voicehooks.lock_call(sids[locked], accounts[locked], reserved[locked]);
  end loop;
  foreach e in array array(select o from unnest(others) o order by o.recording_sid nulls first) loop
    perform voicehooks.merge_locked(e);
  end loop;
  return (select jsonb_agg(jsonb_build_object('result', r.result) order by r.n)
    from unnest(results) with ordinality r (result, n));
end
$$;

-- Stores many events in one transaction; the argument is a list of what ingest_twilio_webhook takes, but only events
-- that Twilio sent or that were read from its API. Returns a list with the result of each event, or
-- {"error": SQLSTATE} for one that was not stored: the others are stored all the same.
--
-- Waits for a locked row for 50 ms only. The event that needs that row then has the error 55P03, and its caller sends it
-- alone, so that it alone waits.
create or replace function public.ingest_twilio_webhooks(events jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare
  event jsonb;
  answers jsonb := '[]';
begin
  if jsonb_typeof(events) is distinct from 'array' then
    raise exception 'events is not a list' using errcode = 'invalid_parameter_value';
  elsif events @? '$[*].kind ? (@ == "check" || @ == "place" || @ == "refused" || @ == "quarantined")' then
    raise exception 'an event of kind check, place, refused or quarantined goes to ingest_twilio_webhook'
      using errcode = 'invalid_parameter_value';
  elsif events = '[]' then
    return events;
  end if;
  begin
    return voicehooks.store_events(events);
  exception when others then
    null;
  end;
  -- One of them cannot be stored or has to wait, so each gets a subtransaction of its own. The order of the locks is
  -- not kept here, but no wait is long enough to close a circle.
  for event in select e.value from jsonb_array_elements(events) e loop
    begin
      answers := answers || public.ingest_twilio_webhook(event);
    exception when others then
      answers := answers || jsonb_build_object('error', sqlstate);
      if sqlstate = '55P03' then
        perform set_config('lock_timeout', '1ms', true);
      end if;
    end;
  end loop;
  return answers;
end
$$;

-- A dry run that is rolled back: proves that a callback would be stored, alone and with others, before any number
-- points here.
create or replace function voicehooks.check_ingest() returns jsonb
language plpgsql volatile as $$
declare
  event constant jsonb := jsonb_build_object('kind', 'status', 'params', jsonb_build_object(
    'CallSid', 'CA' || repeat('0', 32), 'AccountSid', 'AC' || repeat('0', 32), 'CallStatus', 'completed'));
  other constant jsonb := jsonb_set(event, '{params,CallStatus}', '"ringing"');
  answers jsonb;
begin
  begin
    answers := voicehooks.store_events(jsonb_build_array(event)) || public.ingest_twilio_webhook(other);
    raise exception 'undo' using errcode = 'VHCHK';
  exception when sqlstate 'VHCHK' then
    null;
  end;
  if answers <> '[{"result": "stored"}, {"result": "stored"}]' then
    raise exception 'a callback would not be merged: %', answers;
  end if;
  return jsonb_build_object('result', 'checked', 'schema_version', voicehooks.schema_version());
end
$$;

comment on function public.ingest_twilio_webhooks(jsonb) is
  'voicehooks: ingest_twilio_webhook for many events in one transaction; service role only';

revoke all on all functions in schema voicehooks from public;
revoke all on function public.ingest_twilio_webhooks(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.ingest_twilio_webhooks(jsonb) to service_role;
