-- How an event is read, by functions of their own that one event and, later, a whole batch share: which values
-- are usable, which kinds may say what, and the key by which an event is stored once.
--
-- Nothing that Twilio signed may be refused for what it contains. A value that is not usable is read as unknown:
-- its raw form is in the event's row.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261128140000' $$;

-- The next six run for every callback, each time in a transaction of its own: Postgres then spends more time on
-- preparing an expression than on computing it, and a regular expression costs more than all the rest. So they are
-- short and do without.

-- Whether a value is a SID: a prefix of two letters, then 32 hexadecimal digits.
create or replace function voicehooks.is_sid(prefix text, value text) returns boolean
language sql immutable parallel safe as $$
  select coalesce(length(value) = 34 and starts_with(value, prefix)
    and ltrim(substr(value, 3), '0123456789abcdefABCDEF') = '', false)
$$;

-- A number that Twilio sent as text; null for anything else, so that an unusual value is kept raw, not refused.
create or replace function voicehooks.to_int(value text) returns integer
language sql immutable parallel safe as $$
  select case when length(value) between 1 and 9 and ltrim(value, '0123456789') = '' then value::integer end
$$;

-- A CallStatus; null for an unknown word. One word is separate, because Postgres would build a hash table for nine.
create or replace function voicehooks.to_status(value text) returns voicehooks.call_status
language sql stable parallel safe as $$
  select case when value = any ('{queued,initiated,ringing,in-progress,completed,busy,no-answer,failed}')
    or value = 'canceled' then value::voicehooks.call_status end
$$;

-- How far an event has come: the rule of the second migration, in fewer operations.
create or replace function voicehooks.status_order(status voicehooks.call_status, sequence integer) returns integer
language sql immutable parallel safe as $$
  select coalesce(array_position('{queued,initiated,ringing,in-progress,completed,busy,no-answer,failed,canceled}'
      ::voicehooks.call_status[], status) - 1, 0)
    + case when status >= 'completed' then 16 * (2 + least(coalesce(sequence, -1), 100000000)) else 0 end
$$;

-- What a CRM shows for a leg that is watched by itself: the rule of the second migration, in fewer operations.
create or replace function voicehooks.display_of(status voicehooks.call_status) returns voicehooks.display_status
language sql immutable parallel safe as $$
  select coalesce(('{ringing,connected,completed,busy,no-answer,failed,canceled}'::voicehooks.display_status[])[
    array_position('{ringing,in-progress,completed,busy,no-answer,failed,canceled}'::voicehooks.call_status[], status)],
    'connecting')
$$;

-- A time in RFC 2822, as in "Fri, 17 Mar 2023 11:28:31 +0000"; null for anything else, and for a date or an
-- offset that no calendar has ("31 Feb", year 0000, +9999), which the cast refuses.
create or replace function voicehooks.to_time(value text) returns timestamptz
language plpgsql stable as $$
begin
  return case when (value like '___, _% ___ ____ __:__:__ +____' or value like '___, _% ___ ____ __:__:__ -____')
      and strpos(' Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ', left(right(value, 24), 5)) > 0
    then value::timestamptz end;
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

-- A parsed event. New attributes go to the end.
do $$
begin
  if to_regtype('voicehooks.twilio_event') is null then
    create type voicehooks.twilio_event as (
      event_key       text,
      -- The key under which previous versions may have stored the same event; null if none can have.
      former_key      text,
      kind            text,
      params          jsonb,
      path            text,
      place           uuid,
      received_at     timestamptz,
      occurred_at     timestamptz,
      nul_replaced    boolean,
      -- Whether both call_sid and account_sid are SIDs.
      has_sids        boolean,
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

-- A value as a part of a key: itself, or its hash if it is longer than any that Twilio documents.
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
-- So such a request says nothing about times, sequence numbers and (before the call is answered) recordings, and an
-- incoming call is not a leg of another.
create or replace function voicehooks.read_event(event jsonb) returns voicehooks.twilio_event
language plpgsql stable as $$
declare
  -- Plain assignments, and one row at the end: a query that reads them all costs more.
  params constant jsonb := event -> 'params';
  kind constant text := event ->> 'kind';
  path constant text := coalesce(event ->> 'path', '');
  place uuid;
  received timestamptz := now();
  nul_replaced boolean := false;
  sid text := params ->> 'CallSid';
  parent text := params ->> 'ParentCallSid';
  account text := params ->> 'AccountSid';
  word constant text := params ->> 'CallStatus';
  status constant voicehooks.call_status := voicehooks.to_status(word);
  sequence integer := voicehooks.to_int(params ->> 'SequenceNumber');
  has_sids constant boolean := voicehooks.is_sid('CA', sid) and voicehooks.is_sid('AC', account);
  occurred timestamptz;
  recording text;
  dialed text;
  former_key text;
  key text;
begin
  if event ?| '{place,received_at,nul_replaced}' then
    place := (event ->> 'place')::uuid;
    received := coalesce((event ->> 'received_at')::timestamptz, received);
    nul_replaced := coalesce((event ->> 'nul_replaced')::boolean, false);
  end if;
  if not has_sids then
    sid := voicehooks.text_of(params, 'CallSid');
    account := voicehooks.text_of(params, 'AccountSid');
    if length(sid) > 64 then
      sid := null;
    end if;
  end if;
  if parent is not null then
    if not voicehooks.is_sid('CA', parent) or parent = sid
       or kind <> 'reconciled' and params -> 'Direction' ? 'inbound' then
      parent := null;
    end if;
  end if;
  if kind in ('voice', 'fallback', 'dial-action', 'record-action') then
    sequence := null;
    if kind = 'dial-action' and voicehooks.is_sid('CA', params ->> 'DialCallSid')
       and params ->> 'DialCallSid' <> sid
       and voicehooks.to_status(params ->> 'DialCallStatus') >= 'completed' then
      dialed := params ->> 'DialCallSid';
    end if;
  else
    occurred := voicehooks.to_time(params ->> 'Timestamp');
    if kind = 'status' and sequence is not null and sid is not null then
      key := sid || ':status:' || sequence || ':' || case when status is null then voicehooks.short(word) else word end;
      if occurred is null or occurred < voicehooks.former_keys_until() then
        former_key := sid || ':status:' || sequence;
      end if;
    end if;
  end if;
  if params ?| '{RecordingSid,RecordingUrl}' then
    if kind not in ('voice', 'fallback') then
      recording := coalesce(voicehooks.text_of(params, 'RecordingSid'),
        substring(params ->> 'RecordingUrl' from '/(RE[0-9a-fA-F]+)$'));
    end if;
    if kind = 'recording' and params ? 'RecordingSid' then
      key := voicehooks.short(params ->> 'RecordingSid') || ':recording:'
        || voicehooks.short(params ->> 'RecordingStatus');
    end if;
  end if;
  if key is null then
    key := coalesce(sid, place::text, '-') || ':' || kind || ':'
      || encode(sha256(convert_to(path || e'\n' || params::text, 'UTF8')), 'hex');
  end if;
  return row(key, former_key, kind, params, path, place, received, occurred, nul_replaced, has_sids, sid, parent,
    account, recording, dialed, status, sequence)::voicehooks.twilio_event;
end
$$;

revoke all on all functions in schema voicehooks from public;
