-- How an event is read, by functions of their own that one event and, later, a whole batch share: which values
-- are usable, which kinds may say what, and the key by which an event is stored once.
--
-- Nothing that Twilio signed may be refused for what it contains. A value that is not usable is read as unknown:
-- its raw form is in the event's row.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128140000' $$;

-- A moment in RFC 2822, as in "Fri, 17 Mar 2023 11:28:31 +0000"; null for anything else, and for a date or an
-- offset that no calendar has ("31 Feb", year 0000, +9999), which the cast refuses. The form is compared without a
-- regular expression: that would take five times as long as all the rest.
create or replace function voicehooks.to_time(value text) returns timestamptz
language plpgsql stable as $$
begin
  if value like '___, _% ___ ____ __:__:__ _____' and left(right(value, 5), 1) in ('+', '-')
     and left(right(value, 23), 3) in
       ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec') then
    return value::timestamptz;
  end if;
  return null;
exception when data_exception then
  return null;
end
$$;

-- A parameter that Twilio sends once; null if it is absent, empty or (against the rules) repeated, so that it
-- never replaces a known value.
create or replace function voicehooks.text_of(params jsonb, name text) returns text
language sql immutable parallel safe as $$
  select case when jsonb_typeof(params -> name) = 'string' then nullif(params ->> name, '') end
$$;

-- Who called or was called: a number, a client or a SIP address. The columns are indexed, and an index takes some
-- 2,700 bytes a value; a caller may choose a SIP address of many kilobytes.
create or replace function voicehooks.party_of(params jsonb, name text) returns text
language sql immutable parallel safe as $$
  select left(voicehooks.text_of(params, name), 600)
$$;

-- An event as it was read. New attributes go to the end.
do $$
begin
  if to_regtype('voicehooks.twilio_event') is null then
    create type voicehooks.twilio_event as (
      event_key       text,
      -- The key under which versions before this one stored the same event, where it differs.
      former_key      text,
      kind            text,
      params          jsonb,
      path            text,
      place           uuid,
      received_at     timestamptz,
      occurred_at     timestamptz,
      nul_replaced    boolean,
      -- The CallSid as it came, unless it is too long to be one.
      call_sid        text,
      parent_call_sid text,
      account_sid     text,
      recording_sid   text,
      -- The leg whose end a <Dial> reports.
      dialed_sid      text,
      status          voicehooks.call_status,
      sequence_number integer);
  end if;
end
$$;

-- A value as a part of a key: itself, or its hash where it is longer than any that Twilio documents.
create or replace function voicehooks.short(value text) returns text
language sql stable parallel safe as $$
  select case when length(value) <= 64 then value when value is null then ''
    else encode(sha256(convert_to(value, 'UTF8')), 'hex') end
$$;

-- Reads an event (see ingest_twilio_webhook for its parts).
--
-- Its key: the status callbacks of one leg share the leg's SID, and SequenceNumber counts within one subscription.
-- A leg with two (the number's own, and one given later through the API) may use a number twice, so the status is
-- part of the key. All others are keyed by everything they say.
--
-- A caller from a browser or by SIP chooses parameters of its own, and these come with the requests for TwiML.
-- So such a request says nothing of times, sequence numbers and (before the call is answered) recordings, and a
-- call that came in is nobody's leg.
create or replace function voicehooks.read_event(event jsonb) returns voicehooks.twilio_event
language plpgsql stable as $$
declare
  params constant jsonb := event -> 'params';
  e voicehooks.twilio_event;
begin
  -- One statement reads what every event has: each expression of its own would cost as much.
  select null, null, event ->> 'kind', params, coalesce(event ->> 'path', ''), (event ->> 'place')::uuid,
      coalesce((event ->> 'received_at')::timestamptz, now()), voicehooks.to_time(params ->> 'Timestamp'),
      coalesce((event ->> 'nul_replaced')::boolean, false), voicehooks.text_of(params, 'CallSid'),
      params ->> 'ParentCallSid', voicehooks.text_of(params, 'AccountSid'), null, null,
      voicehooks.to_status(params ->> 'CallStatus'), voicehooks.to_int(params ->> 'SequenceNumber')
    into e;
  if length(e.call_sid) > 64 then
    e.call_sid := null;
  end if;
  if e.parent_call_sid is not null and (not voicehooks.is_sid('CA', e.parent_call_sid)
      or e.parent_call_sid = e.call_sid or e.kind <> 'reconciled' and params -> 'Direction' ? 'inbound') then
    e.parent_call_sid := null;
  end if;
  if e.kind = 'status' then
    if e.sequence_number is not null and e.call_sid is not null then
      e.former_key := e.call_sid || ':status:' || e.sequence_number;
      e.event_key := e.former_key || ':' || voicehooks.short(params ->> 'CallStatus');
    end if;
  elsif e.kind in ('voice', 'fallback', 'dial-action', 'record-action') then
    e.occurred_at := null;
    e.sequence_number := null;
    if e.kind = 'dial-action' and voicehooks.is_sid('CA', params ->> 'DialCallSid')
       and params ->> 'DialCallSid' <> e.call_sid
       and voicehooks.to_status(params ->> 'DialCallStatus') >= 'completed' then
      e.dialed_sid := params ->> 'DialCallSid';
    end if;
  elsif e.kind = 'recording' and params ? 'RecordingSid' then
    e.event_key := voicehooks.short(params ->> 'RecordingSid') || ':recording:'
      || voicehooks.short(params ->> 'RecordingStatus');
  end if;
  if params ?| array['RecordingSid', 'RecordingUrl'] and e.kind not in ('voice', 'fallback') then
    e.recording_sid := coalesce(voicehooks.text_of(params, 'RecordingSid'),
      substring(params ->> 'RecordingUrl' from '/(RE[0-9a-fA-F]+)$'));
  end if;
  if e.event_key is null then
    e.event_key := coalesce(e.call_sid, e.place::text, '-') || ':' || e.kind || ':'
      || encode(sha256(convert_to(e.path || e'\n' || params::text, 'UTF8')), 'hex');
  end if;
  return e;
end
$$;

revoke all on all functions in schema voicehooks from public;
