-- Transfers: a live call's lead is connected with another phone. Each is stored as an event of the kind `transfer`,
-- once for each request id, and counts against the same limits as a call that is placed.
--
-- After a transfer the lead's leg goes on without the leg that rang first, so the call's row must not end with that.
-- The previous handler stores no transfers, and its rows are derived as before.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261130510000' $$;

alter table public.twilio_calls add column if not exists transferred_at timestamptz;
comment on column public.twilio_calls.transferred_at is
  'when the lead was last transferred to another phone; null: never';

create index if not exists twilio_call_events_transfers on public.twilio_call_events (received_at)
  where kind = 'transfer';

-- How many calls were placed or transferred in the last minute, by one user or (null) by all together, and the time
-- of the oldest of them.
create or replace function voicehooks.calls_of_last_minute(
  by_user uuid, out recent integer, out oldest timestamptz)
language sql stable as $$
  select count(*)::integer, min(at) from (
    select c.created_at as at from public.twilio_calls c
      where c.placed_by is not null and (by_user is null or c.placed_by = by_user)
        and c.created_at > now() - interval '1 minute'
    union all
    select e.received_at from public.twilio_call_events e
      where e.kind = 'transfer' and (by_user is null or e.params ->> 'RequestedBy' = by_user::text)
        and e.received_at > now() - interval '1 minute'
  ) calls
$$;

-- The result if a user or all users together have reached their limit, else null. The caller holds the lock.
create or replace function voicehooks.limit_reached(by_user uuid, per_minute integer, per_minute_in_all integer)
returns jsonb
language plpgsql stable as $$
declare
  last record;
begin
  select * into last from voicehooks.calls_of_last_minute(by_user);
  if last.recent >= per_minute then
    return voicehooks.call_limited('user', last.oldest);
  end if;
  select * into last from voicehooks.calls_of_last_minute(null);
  if last.recent >= per_minute_in_all then
    return voicehooks.call_limited('environment', last.oldest);
  end if;
  return null;
end
$$;

-- As before, and a transfer counts as a call.
create or replace function voicehooks.reserve_call(event jsonb) returns jsonb
language plpgsql volatile as $$
declare
  placing_user constant uuid := (event ->> 'user_id')::uuid;
  params constant jsonb := event -> 'params';
  limited jsonb;
  reserved uuid;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('voicehooks:place', 0));
  -- A row without Twilio's SID belongs to a worker that died: do not leave it "connecting" forever.
  update public.twilio_calls
    set status = 'failed', error_message = 'the call never reached Twilio', ended_at = now()
    where placed_by = placing_user and call_sid is null and status = 'queued'
      and created_at < now() - interval '2 minutes';
  limited := voicehooks.limit_reached(
    placing_user, (event ->> 'limit')::integer, (event ->> 'environment_limit')::integer);
  if limited is not null then
    return limited;
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

-- Stores a transfer before Twilio makes it. Returns `reserved` with the event's key; `duplicate` if a transfer with
-- this request id is known; `limited` as for a call that is placed.
create or replace function public.reserve_twilio_transfer(
  call_sid text, account_sid text, request_id text, target text, user_id uuid,
  per_minute integer, per_minute_in_all integer)
returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  key constant text := call_sid || ':transfer:' || request_id;
  limited jsonb;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('voicehooks:place', 0));
  if exists (select from public.twilio_call_events e where e.event_key = key) then
    return jsonb_build_object('result', 'duplicate', 'event_key', key);
  end if;
  limited := voicehooks.limit_reached(user_id, per_minute, per_minute_in_all);
  if limited is not null then
    return limited;
  end if;
  insert into public.twilio_call_events (event_key, call_sid, kind, params)
    values (key, call_sid, 'transfer', jsonb_build_object(
      'CallSid', call_sid, 'AccountSid', account_sid, 'Target', target, 'RequestedBy', user_id));
  update public.twilio_calls c set transferred_at = now() where c.call_sid = call_sid;
  return jsonb_build_object('result', 'reserved', 'event_key', key);
end
$$;

-- Forgets a transfer that Twilio did not make.
create or replace function public.release_twilio_transfer(key text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  sid text;
begin
  delete from public.twilio_call_events e where e.event_key = key and e.kind = 'transfer' returning e.call_sid into sid;
  update public.twilio_calls c set transferred_at = (
      select max(e.received_at) from public.twilio_call_events e where e.call_sid = sid and e.kind = 'transfer')
    where c.call_sid = sid;
  return jsonb_build_object('released', sid is not null);
end
$$;

comment on function public.reserve_twilio_transfer(text, text, text, text, uuid, integer, integer) is
  'voicehooks: stores a transfer before it is made, and counts it against the limits; service role only';
comment on function public.release_twilio_transfer(text) is
  'voicehooks: forgets a transfer that Twilio did not make; service role only';

-- The leg that a <Dial> rang goes on after a transfer, although the <Dial> is over.
create or replace function voicehooks.merge_dialed_leg(e voicehooks.twilio_event) returns boolean
language plpgsql volatile as $$
declare
  leg voicehooks.twilio_event := e;
begin
  perform from public.twilio_calls c where c.call_sid = e.dialed_sid
    and (coalesce(nullif(c.direction, ''), 'outbound-dial') <> 'outbound-dial'
      or coalesce(c.parent_call_sid, e.call_sid) <> e.call_sid or c.parent_reconciled and c.parent_call_sid is null)
    or c.call_sid = e.call_sid and c.transferred_at is not null;
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

-- The derived columns, as before, except for a call that was transferred: what the lead's leg does decides.
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
    elsif display = 'connected' and new.status >= 'completed' and new.transferred_at is null then
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
    if new.transferred_at is not null and new.dial_status = 'completed' and new.status < 'completed' then
      -- The next phone rings.
      display := 'connected';
    elsif new.dial_status = 'completed' or (new.dial_status = 'in-progress' and new.status >= 'completed') then
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

-- Who is on a call now, under the reader's own policies. A CRM grants reading it, as it does for twilio_calls.
create or replace view public.twilio_agents_on_call with (security_invoker = true) as
select
  case
    when c.agent_first or (c.agent_first is null and c.direction = 'outbound-api' and c.dial_status is not null)
      then c.to_number
    when c.from_number like 'client:%' then c.from_number
    else leg.to_number end as agent,
  c.placed_by as user_id,
  c.call_sid,
  c.direction,
  c.lead_number,
  c.reference,
  c.display_status,
  coalesce(c.talking_since, c.started_at) as since
from public.twilio_calls c
left join lateral (
  select l.to_number from public.twilio_calls l
  where l.parent_call_sid = c.call_sid and l.ended_at is null and l.answered_at is not null
  order by l.answered_at desc limit 1
) leg on true
where c.parent_call_sid is null and c.display_status in ('connecting', 'ringing', 'connected')
  -- A call whose end is not known yet: Twilio ends every call after 24 hours at the latest.
  and c.created_at > now() - interval '24 hours'
  and (c.placed_by is not null or c.from_number like 'client:%' or leg.to_number is not null);

comment on view public.twilio_agents_on_call is
  'voicehooks: who is on a call now: one row for each call that an agent placed or answered';
revoke all on public.twilio_agents_on_call from public, anon, authenticated, service_role;
grant select on public.twilio_agents_on_call to service_role;

revoke all on all functions in schema voicehooks from public;
revoke all on function public.reserve_twilio_transfer(text, text, text, text, uuid, integer, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.reserve_twilio_transfer(text, text, text, text, uuid, integer, integer) to service_role;
revoke all on function public.release_twilio_transfer(text) from public, anon, authenticated, service_role;
grant execute on function public.release_twilio_transfer(text) to service_role;
