-- The tables a CRM reads. Everything in them is written by ingest_twilio_webhook.
--
-- Ours are marked: their comment starts with "voicehooks:". A relation of one of these names without that
-- mark belongs to somebody else, and then this migration stops before it has changed anything.

do $$
declare
  foreign_name text;
begin
  select string_agg('public.' || c.relname, ', ' order by c.relname) into foreign_name
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::regnamespace
    and c.relname in ('twilio_calls', 'twilio_call_events', 'twilio_recordings', 'twilio_call_timeline')
    and coalesce(obj_description(c.oid, 'pg_class'), '') not like 'voicehooks:%';
  if foreign_name is not null then
    raise exception 'this database already has %, which Voicehooks did not create: rename it (alter table ... rename to ...) or move its rows over, then deploy again', foreign_name;
  end if;
end
$$;

create schema if not exists voicehooks;
revoke all on schema voicehooks from public;
-- For the types of the tables' columns; nothing else in this schema is granted to anybody.
grant usage on schema voicehooks to authenticated, service_role;

-- Types instead of check constraints: Postgres prepares a table's checks anew for every statement, which would
-- double the time a callback takes. What a type cannot say, the trigger of the next migration refuses.
do $$
begin
  if to_regtype('voicehooks.call_status') is null then
    -- In the order a call goes through; from completed on it is over, and these are equals.
    create type voicehooks.call_status as enum
      ('queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled');
    create type voicehooks.display_status as enum
      ('connecting', 'ringing', 'connected',
       'completed', 'busy', 'no-answer', 'failed', 'canceled', 'missed', 'voicemail');
    -- In the order a recording goes through: what comes later is kept.
    create type voicehooks.recording_status as enum
      ('in-progress', 'paused', 'stopped', 'processing', 'absent', 'failed', 'completed', 'deleted');
  end if;
end
$$;

-- One row a call leg: its current truth.
create table if not exists public.twilio_calls (
  id                uuid primary key default gen_random_uuid(),
  -- Null only while place-call waits for Twilio to name the call, or when Twilio refused it.
  call_sid          text unique,
  parent_call_sid   text,
  account_sid       text not null,
  direction         text,
  from_number       text,
  to_number         text,
  status            voicehooks.call_status not null default 'queued',
  -- How far the event that set the status had come (see ingest_twilio_webhook): the highest one wins.
  status_order      integer not null default 0,
  display_status    voicehooks.display_status not null default 'connecting',
  -- The moments of its steps, by Twilio's clock where Twilio tells the time.
  started_at        timestamptz,
  initiated_at      timestamptz,
  ringing_at        timestamptz,
  answered_at       timestamptz,
  ended_at          timestamptz,
  duration_seconds  integer,
  -- What became of the legs this call dialed, all of them together; null: none known.
  dial_status       voicehooks.call_status,
  dial_number       text,
  dial_answered_at  timestamptz,
  dial_seconds      integer,
  left_voicemail    boolean not null default false,
  -- The lead, and lead and agent talking to each other: derived from the columns above.
  lead_number       text,
  agent_answered_at timestamptz,
  talking_since     timestamptz,
  talk_seconds      integer,
  -- Calls placed through place-call.
  reference         text,
  placed_by         uuid,
  -- true: this leg is the agent's and dials the lead; false: this leg is the lead's; null: nobody said.
  agent_first       boolean,
  error_code        integer,
  error_message     text,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now()
) with (fillfactor = 80);

-- Every callback as it came, once.
create table if not exists public.twilio_call_events (
  event_key       text primary key,
  call_sid        text,
  kind            text not null,
  sequence_number integer,
  params          jsonb not null,
  -- The part of the URL after the function's name: its query string.
  path            text not null default '',
  occurred_at     timestamptz,
  received_at     timestamptz not null default now()
);

create table if not exists public.twilio_recordings (
  recording_sid    text primary key,
  call_sid         text not null references public.twilio_calls (call_sid) on update cascade on delete cascade,
  account_sid      text not null,
  status           voicehooks.recording_status not null,
  duration_seconds integer,
  channels         smallint check (channels in (1, 2)),
  source           text,
  track            text,
  -- Twilio's address of the audio: it asks for credentials, so a page plays it through the function `recording`.
  url              text,
  error_code       integer,
  started_at       timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now()
);

comment on table public.twilio_calls is
  'voicehooks: one row a call leg, its current truth; written by ingest_twilio_webhook alone';
comment on table public.twilio_call_events is
  'voicehooks: every request of Twilio as it came, once; written by ingest_twilio_webhook alone';
comment on table public.twilio_recordings is
  'voicehooks: one row a recording; written by ingest_twilio_webhook alone';

comment on column public.twilio_calls.status is
  'Twilio''s CallStatus of this leg: the highest step heard of, never the latest to arrive';
comment on column public.twilio_calls.display_status is
  'what a CRM shows: connecting, ringing, connected, then how it ended; follows the lead''s leg';
comment on column public.twilio_calls.lead_number is
  'the other side''s number: who called us, whom we called; null on the legs a call dialed';
comment on column public.twilio_calls.talking_since is
  'when lead and agent were first connected; a timer shows now() - talking_since while display_status is connected';
comment on column public.twilio_calls.talk_seconds is
  'how long lead and agent were connected; 0: never; null: not over, or not known';
comment on column public.twilio_calls.reference is
  'the CRM''s own key for the call, as given to place-call';

-- What a CRM asks for: the latest calls, those of a number, of a reference, a call's legs, the open ones.
create index if not exists twilio_calls_latest on public.twilio_calls (started_at desc);
create index if not exists twilio_calls_lead on public.twilio_calls (lead_number, started_at desc)
  where lead_number is not null;
create index if not exists twilio_calls_reference on public.twilio_calls (reference, started_at desc)
  where reference is not null;
create index if not exists twilio_calls_legs on public.twilio_calls (parent_call_sid)
  where parent_call_sid is not null;
create index if not exists twilio_calls_open on public.twilio_calls (started_at desc) where ended_at is null;
create index if not exists twilio_calls_placed on public.twilio_calls (placed_by, created_at)
  where placed_by is not null;
create index if not exists twilio_call_events_call on public.twilio_call_events (call_sid);
create index if not exists twilio_recordings_call on public.twilio_recordings (call_sid);

-- A hosted project grants every new table to anon and authenticated: take that back in so many words.
-- To let a CRM's users read, grant select and add a policy in a migration of your own, for example:
--   grant select on public.twilio_calls to authenticated;
--   create policy "agents see the calls they placed" on public.twilio_calls
--     for select to authenticated using (placed_by = (select auth.uid()));
alter table public.twilio_calls enable row level security;
alter table public.twilio_call_events enable row level security;
alter table public.twilio_recordings enable row level security;
revoke all on public.twilio_calls, public.twilio_call_events, public.twilio_recordings
  from public, anon, authenticated, service_role;
grant select, delete on public.twilio_calls, public.twilio_call_events, public.twilio_recordings to service_role;

-- Own logic belongs into triggers on these tables. They run inside ingest_twilio_webhook, as its owner and with
-- an empty search_path (so write public.my_table), and an error in one makes Twilio send the callback again.

-- A CRM's screen follows a call through Supabase Realtime, where the project has its publication.
do $$
declare
  name text;
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    foreach name in array array['twilio_calls', 'twilio_call_events', 'twilio_recordings'] loop
      if not exists (select from pg_publication_tables
                     where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = name) then
        execute format('alter publication supabase_realtime add table public.%I', name);
      end if;
    end loop;
  end if;
end
$$;
