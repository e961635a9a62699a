-- A recording of a call that nothing else is known of makes no row. The account's default recording configuration
-- reports every recording of the account, also of calls that this project has nothing to do with: trunks, other
-- programs. Its callback is kept in twilio_call_events. Once the call becomes known, by any of its own callbacks
-- or by reconcile, the recording is merged, so that the order of arrival still does not matter.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261130260000' $$;

-- A transaction that inserts a call looks for recordings that wait for it, and one that stores a recording looks for
-- its call. The lock lets them do it one after the other, each seeing what the one before has committed. It is taken
-- at the call's place in the order of SIDs, as its row would be.
create or replace function voicehooks.lock_recordings_of(sid text) returns void
language sql volatile as $$
  select pg_advisory_xact_lock(hashtextextended('voicehooks recordings ' || sid, 0))
$$;

-- Locks a call that an event names. Unless the event may create it, it stays unknown where it is.
create or replace function voicehooks.lock_named_call(sid text, account text, place uuid, creates boolean) returns void
language plpgsql volatile as $$
begin
  if creates then
    perform voicehooks.lock_call(sid, account, place);
  else
    perform voicehooks.lock_recordings_of(sid);
    perform from public.twilio_calls c where c.call_sid = sid for no key update;
  end if;
end
$$;

-- Whether an event makes the calls known that it names: all but a recording's callback, which may be about any call
-- of the account; one for a call of place-call may be the first that is heard of it.
create or replace function voicehooks.makes_known(e voicehooks.twilio_event) returns boolean
language sql immutable as $$ select e.kind <> 'recording' or e.place is not null $$;

-- Merges what an event says into rows that are locked; see the migration before. New: a recording of an unknown call
-- waits.
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
  if e.recording_sid is null then
    return;
  end if;
  if not voicehooks.makes_known(e) then
    perform from public.twilio_calls c where c.call_sid = coalesce(e.parent_call_sid, e.call_sid);
    if not found then
      return;
    end if;
  end if;
  perform voicehooks.merge_recording(e);
end
$$;

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
      perform voicehooks.lock_named_call(call.sid, call.account, call.place, voicehooks.makes_known(e));
    end loop;
    perform voicehooks.merge_locked(e);
  end if;
  return true;
end
$$;

-- Stores events in one go; see the migration before. New: a call that only recordings name is not created.
create or replace function voicehooks.store_events(events jsonb) returns jsonb
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  batch voicehooks.twilio_event[];
  -- Where each is in `events`, from 1.
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
  creating boolean[];
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
    select array_agg(c.sid order by c.sid), array_agg(c.account order by c.sid), array_agg(c.place order by c.sid),
        array_agg(c.creates order by c.sid)
      into sids, accounts, reserved, creating
      from (
        select named.sid, min(named.account) as account, (array_agg(named.place order by named.place))[1] as place,
          bool_or(voicehooks.makes_known(o)) as creates
        from unnest(others) o, lateral voicehooks.calls_of(o) named group by named.sid
      ) c;
  end if;
  foreach e in array array(select s from unnest(simple) s order by s.call_sid) loop
    while sids[locked + 1] <= e.call_sid loop
      locked := locked + 1;
      perform voicehooks.lock_named_call(sids[locked], accounts[locked], reserved[locked], creating[locked]);
    end loop;
    if e.place is not null then
      perform voicehooks.link_placement(e.place, e.call_sid);
    end if;
    perform voicehooks.merge_leg(e);
  end loop;
  while sids[locked + 1] is not null loop
    locked := locked + 1;
    perform voicehooks.lock_named_call(sids[locked], accounts[locked], reserved[locked], creating[locked]);
  end loop;
  foreach e in array array(select o from unnest(others) o order by o.recording_sid nulls first) loop
    perform voicehooks.merge_locked(e);
  end loop;
  return (select jsonb_agg(jsonb_build_object('result', r.result) order by r.n)
    from unnest(results) with ordinality r (result, n));
end
$$;

-- Merges the recordings that waited for a call that has just become known. They are merged by their recordings'
-- SIDs, after the call is locked, as any other.
create or replace function voicehooks.merge_waiting_recordings_of(sid text) returns void
language plpgsql volatile as $$
declare
  e voicehooks.twilio_event;
begin
  for e in
    select read.*
    from public.twilio_call_events o,
      lateral voicehooks.read_event(jsonb_build_object(
        'kind', o.kind, 'params', o.params, 'path', o.path, 'received_at', o.received_at)) read
    where o.call_sid = sid and o.kind = 'recording'
    order by read.recording_sid, o.received_at
  loop
    if e.has_sids then
      perform voicehooks.merge_recording(e);
    end if;
  end loop;
end
$$;

-- A callback inserts one call. A statement that inserts many is an import: a lock for each of its calls could be more
-- than Postgres has room for, so it merges what is there already and takes none.
create or replace function voicehooks.merge_recordings_of_inserted() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  many constant boolean := (select count(*) > 100 from inserted);
  sid text;
begin
  for sid in
    select i.call_sid from inserted i
    where i.call_sid is not null and (not many or exists (
      select from public.twilio_call_events o where o.call_sid = i.call_sid and o.kind = 'recording'))
    order by i.call_sid
  loop
    if not many then
      perform voicehooks.lock_recordings_of(sid);
    end if;
    perform voicehooks.merge_waiting_recordings_of(sid);
  end loop;
  return null;
end
$$;

create or replace function voicehooks.merge_recordings_of_placed() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform voicehooks.lock_recordings_of(new.call_sid);
  perform voicehooks.merge_waiting_recordings_of(new.call_sid);
  return null;
end
$$;

create or replace trigger voicehooks_waiting_recordings_of_new
  after insert on public.twilio_calls referencing new table as inserted
  for each statement execute function voicehooks.merge_recordings_of_inserted();
-- place-call's row is there before the call has a SID.
create or replace trigger voicehooks_waiting_recordings_of_placed
  after update of call_sid on public.twilio_calls for each row
  when (new.call_sid is not null and old.call_sid is null) execute function voicehooks.merge_recordings_of_placed();

revoke all on all functions in schema voicehooks from public;
