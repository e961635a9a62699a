-- ingest_twilio_webhook, based on the functions of the two previous migrations, and the quarantine of events that
-- cannot be merged because of their content.
--
-- Such an event is kept as it arrived, with the kind `quarantined` and the error, and counts as stored: Twilio
-- would send it a few more times and then drop it. `voicehooks reconcile` merges it once a later version can;
-- `voicehooks doctor` counts the remaining ones. Every other error is raised, so that Twilio sends the callback
-- again.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128140200' $$;

alter table public.twilio_call_events
  add column if not exists nul_replaced boolean not null default false,
  add column if not exists error text,
  add column if not exists quarantined_event jsonb;
comment on column public.twilio_call_events.nul_replaced is
  'whether a NUL in a name or a value is stored as U+FFFD, since Postgres cannot store it';
comment on column public.twilio_call_events.error is
  'of kind quarantined: SQLSTATE and message of what kept the event from being merged';
comment on column public.twilio_call_events.quarantined_event is
  'of kind quarantined: what ingest_twilio_webhook was given, without params; its kind is in there';
create index if not exists twilio_call_events_quarantined on public.twilio_call_events (received_at)
  where kind = 'quarantined';

-- Until when previous versions may have stored events under their former keys: a later event has none. A callback that
-- Twilio repeats has the same Timestamp each time. One hour after this migration starts, because the migration takes
-- time and clocks differ.
do $$
begin
  execute format(
    'create or replace function voicehooks.former_keys_until() returns timestamptz '
    'language sql immutable as $sql$ select to_timestamp(%s) $sql$',
    ceil(extract(epoch from now() + interval '1 hour')));
end
$$;

-- Whether an error says that our own code cannot take what an event contains: bad data (class 22), a value too
-- large for an index (54000), a null in one of our columns. An error in a user's own trigger,
-- column or type is not: then the context names a function that is not ours, or the column is not ours.
--
-- The context is one line a function ("PL/pgSQL function voicehooks.merge_leg(...) line 3 at SQL statement") with
-- the statement it ran; in a language or of a form that is not known here, it counts as the user's.
create or replace function voicehooks.is_caused_by_content(
  state text, context text, schema_name text, table_name text, column_name text
) returns boolean
language sql immutable as $$
  select case
    when state like '22%' or state = '54000' then true
    when state = '23502' then schema_name = 'public' and (
      table_name = 'twilio_calls' and column_name in ('id', 'account_sid', 'status', 'status_order', 'display_status',
        'left_voicemail', 'created_at', 'updated_at', 'parent_reconciled')
      or table_name = 'twilio_recordings' and column_name in ('recording_sid', 'call_sid', 'account_sid', 'status',
        'created_at', 'updated_at'))
    else false end
  and context ~ '^(SQL statement|SQL function|PL/pgSQL assignment|PL/pgSQL expression|PL/pgSQL function voicehooks\.)'
  and not exists (
    select from regexp_matches(context, '(?:^|\n)([^\n]* function [^\n]*)', 'g') as m (line)
    where m.line[1] !~ '^(PL/pgSQL|SQL) function "?(voicehooks\.|public\.ingest_twilio_webhook)')
$$;

-- Takes an event out of quarantine and returns the original argument of ingest_twilio_webhook; null if there is no
-- event with this key.
create or replace function voicehooks.release_quarantined(key text) returns jsonb
language plpgsql volatile as $$
declare
  event jsonb;
begin
  select o.quarantined_event || jsonb_build_object('params', o.params, 'received_at', o.received_at) into event
    from public.twilio_call_events o where o.event_key = key and o.kind = 'quarantined' for update;
  if found then
    update public.twilio_call_events o
      set kind = event ->> 'kind', error = null, quarantined_event = null
      where o.event_key = key;
  end if;
  return event;
end
$$;

-- A dry run that is rolled back: proves that a callback would be stored, before any number points here.
create or replace function voicehooks.check_ingest() returns jsonb
language plpgsql volatile as $$
declare
  answer jsonb;
begin
  begin
    answer := public.ingest_twilio_webhook(jsonb_build_object('kind', 'status', 'params', jsonb_build_object(
      'CallSid', 'CA' || repeat('0', 32), 'AccountSid', 'AC' || repeat('0', 32), 'CallStatus', 'completed')));
    raise exception 'undo' using errcode = 'VHCHK';
  exception when sqlstate 'VHCHK' then
    null;
  end;
  if answer ->> 'result' <> 'stored' then
    raise exception 'a callback would not be merged: %', answer ->> 'result';
  end if;
  return jsonb_build_object('result', 'checked', 'schema_version', voicehooks.schema_version());
end
$$;

-- The only writer of the tables. Idempotent, independent of order, safe under concurrency. The argument:
--
--   kind      what the request is: voice, fallback, status, recording, dial-action, record-action, other;
--             placed, refused (Twilio's answer to place-call); reconciled (fetched later from Twilio's API);
--             place (reserve a call, leaves a row); check (leaves no row);
--             quarantined (merge the quarantined event of this event_key)
--   params    the request's parameters by Twilio's names, text or (repeated) a list of texts
--   path      the URL after the function's name, so its query string ("" by default)
--   place     the id of the row that place-call reserved for the top-level call, if there is one
--   received_at   when it arrived (now by default)
--   nul_replaced  whether a NUL in it was replaced by U+FFFD (false by default)
--
-- The answer's `result`: stored, duplicate or quarantined (each is kept and committed), checked, reserved, limited.
--
-- A `reconciled` event carries the names of the callbacks (CallSid, ParentCallSid, AccountSid, From, To,
-- Direction, CallStatus, CallDuration; for a recording RecordingSid, RecordingStatus, RecordingDuration ...)
-- and for its times StartTime and EndTime (RFC 2822, as Twilio's API has them).
create or replace function public.ingest_twilio_webhook(jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  event jsonb := $1;
  e voicehooks.twilio_event;
  state text;
  message text;
  context text;
  schema_name text;
  table_name text;
  column_name text;
begin
  if event ->> 'kind' in ('check', 'place', 'quarantined') then
    if event ->> 'kind' = 'check' then
      return voicehooks.check_ingest();
    elsif event ->> 'kind' = 'place' then
      return voicehooks.reserve_call(event);
    end if;
    event := voicehooks.release_quarantined($1 ->> 'event_key');
    if event is null then
      return '{"result": "duplicate"}';
    end if;
    e := voicehooks.read_event(event);
    e.event_key := $1 ->> 'event_key';
    update public.twilio_call_events o set occurred_at = e.occurred_at, sequence_number = e.sequence_number
      where o.event_key = e.event_key;
  else
    e := voicehooks.read_event(event);
    if e.former_key is not null then
      -- With the former key, another status is another event.
      if exists (select from public.twilio_call_events former where former.event_key = e.former_key
          and former.params -> 'CallStatus' is not distinct from e.params -> 'CallStatus') then
        return '{"result": "duplicate"}';
      end if;
    end if;
    insert into public.twilio_call_events (
      event_key, call_sid, kind, sequence_number, params, path, occurred_at, received_at, nul_replaced)
    values (
      e.event_key, e.call_sid, e.kind, e.sequence_number, e.params, e.path, e.occurred_at, e.received_at,
      e.nul_replaced)
    on conflict (event_key) do nothing;
    if not found then
      return '{"result": "duplicate"}';
    end if;
  end if;
  -- A subtransaction, because nothing else can roll back a merge that failed halfway. It is here and not in its own
  -- function, like the insert above: a function call for each event costs as much as either.
  begin
    if voicehooks.merge_event(e) then
      return '{"result": "stored"}';
    end if;
  exception when data_exception or program_limit_exceeded or not_null_violation then
    get stacked diagnostics state = returned_sqlstate, message = message_text, context = pg_exception_context,
      schema_name = schema_name, table_name = table_name, column_name = column_name;
    if not voicehooks.is_caused_by_content(state, context, schema_name, table_name, column_name) then
      raise;
    end if;
  end;
  update public.twilio_call_events o
    set kind = 'quarantined', error = state || ' ' || message, quarantined_event = event - 'params'
    where o.event_key = e.event_key;
  return '{"result": "quarantined"}';
end
$$;

-- Replaced by the functions that take a parsed event.
drop function if exists
  voicehooks.merge_call(
    text, jsonb, text, text, text, voicehooks.call_status, integer, timestamptz, timestamptz),
  voicehooks.merge_dialed_leg(jsonb, text, text, timestamptz),
  voicehooks.roll_up_legs(text, text),
  voicehooks.merge_recording(jsonb, text, text, timestamptz);

revoke all on all functions in schema voicehooks from public;
